import type { Notice } from "#components/ui/toast";

/** Actions on a row; the same functions for every row, so that rows stay memoized. */
export interface RowActions {
  reply: (id: string) => void;
  /** Goes to a quoted message; Back leads to the reply that was `from`. */
  follow: (id: string, from?: string) => void;
  /** Jumps, and puts the message's permalink into the address bar. */
  visit: (id: string) => void;
  author: (username: string) => void;
  notify: (notice: Notice) => void;
  report: (id: string) => void;
  takeDown: (id: string) => void;
}
