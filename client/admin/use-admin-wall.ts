import { useCallback, useState, useSyncExternalStore } from "react";
import type { Comment } from "#schema/comment";
import { filtered, NO_FILTER } from "../wall/filter";
import { pageWall } from "../wall/page-wall";
import { usePoll } from "../wall/use-poll";

/** Messages shown at once; more on demand. */
const ROWS_STEP = 100;

const { store } = pageWall;
const NOBODY: readonly string[] = [];

export interface AdminWall {
  /** Newest first, those that hold the words. */
  shown: readonly Comment[];
  found: number;
  held: number;
  loaded: boolean;
  /** Whether anything is left to show: held or further back. */
  hasMore: boolean;
  more: () => Promise<void>;
  /** Takes a message out of sight at once; the poll does so for good. */
  hide: (id: string) => void;
}

/** The wall as an admin looks through it: newest first, by words, as far back as asked. */
export function useAdminWall(words: string): AdminWall {
  const { comments, loaded, holes } = useSyncExternalStore(
    store.subscribe,
    store.snapshot,
    store.snapshot,
  );
  const pollNow = usePoll(pageWall.poll, true);
  const [hidden, setHidden] = useState<ReadonlySet<string>>(new Set());
  const [rows, setRows] = useState(ROWS_STEP);

  const held = comments.filter(({ id }) => !hidden.has(id));
  const found = filtered(held, { ...NO_FILTER, text: words }, NOBODY);
  const oldestHole = comments.find(({ id }) => holes.has(id));

  const hide = useCallback(
    (id: string) => {
      setHidden((before) => new Set(before).add(id));
      pollNow();
    },
    [pollNow],
  );
  return {
    shown: found.slice(-rows).reverse(),
    found: found.length,
    held: held.length,
    loaded,
    hasMore: found.length > rows || oldestHole !== undefined,
    more: async () => {
      if (found.length <= rows && oldestHole) await pageWall.reachBack(oldestHole.id);
      setRows(rows + ROWS_STEP);
    },
    hide,
  };
}
