/** What the single writer knows of a stretch of the past, to be laid over what the ledger lists of it. */

import type { StoredComment } from "#schema/comment";
import type { Mark } from "../record";

/** Comments after one id, in the order of the wall. */
export interface Stretch {
  after: string;
  /** The last id that belongs to it; absent: to the end. */
  until?: string;
  /** Comments wanted at most. */
  max: number;
}

export interface Overlay {
  /** The comments of the stretch that are held, newest first: also such as no list shows yet. */
  held: StoredComment[];
  /** What is remembered of the listed ones that are not held. */
  marks: Mark[];
}
