import { useCallback, useState, useSyncExternalStore } from "react";
import type { Comment } from "#schema/comment";
import { usePoll } from "../polling/use-poll";
import { useFinder } from "../search/use-finder";
import { filtered, NO_FILTER } from "../wall/filter";
import { pageWall } from "../wall/page-wall";

/** Messages shown at first, and added by each "Load older messages". */
const ROWS_STEP = 100;

const { store } = pageWall;

export interface AdminWall {
  /** Matching messages, newest first. */
  shown: readonly Comment[];
  found: number;
  held: number;
  loaded: boolean;
  /** Whether more messages can be shown, loaded or not. */
  hasMore: boolean;
  more: () => Promise<void>;
  /** Hides a message at once; the next poll removes it from the store. */
  hide: (id: string) => void;
  /** Shows hidden messages again that the wall still has, or has again. */
  unhide: () => void;
}

/** The wall as an admin sees it: newest first, filtered by text, as far back as requested. */
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
  const matches = useFinder(words)?.matchesComment;
  const found = filtered(held, { ...NO_FILTER, text: words }, null, matches);
  const oldestHole = comments.find(({ id }) => holes.has(id));

  const hide = useCallback(
    (id: string) => {
      setHidden((before) => new Set(before).add(id));
      pollNow();
    },
    [pollNow],
  );
  const unhide = useCallback(() => {
    setHidden(new Set());
    pollNow();
  }, [pollNow]);
  return {
    unhide,
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
