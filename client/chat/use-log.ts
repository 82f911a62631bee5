import { useMemo } from "react";
import { compareIds } from "#schema/id";
import { mutedSetting, useSetting } from "../browser/settings";
import type { WallContent } from "../polling/use-wall";
import { useFinder } from "../search/use-finder";
import { type Filter, filtered, isFiltering } from "../wall/filter";
import { pageWall } from "../wall/page-wall";
import type { Mark } from "../wall/read-mark";
import { rowsOf } from "../wall/timeline";
import { spanOf } from "./log-range";
import { useLogScroll } from "./use-log-scroll";

/**
 * The shown messages after filter and mutes, and the few hundred of them that are rendered as rows.
 */
export function useLog({ comments, outgoing }: WallContent, filter: Filter) {
  const muted = useSetting(mutedSetting);
  const matches = useFinder(filter.text)?.matchesComment;
  const shown = useMemo(
    () => filtered(comments, filter, muted, matches),
    [comments, filter, muted, matches],
  );
  const scroll = useLogScroll(shown);
  const { start, end } = spanOf(shown, scroll.range);
  const rows = useMemo(() => {
    const isWhole = end === shown.length && !isFiltering(filter);
    const waiting = isWhole ? outgoing : [];
    return rowsOf(shown.slice(start, end), waiting, nonceOf, shown[start - 1]);
  }, [shown, start, end, outgoing, filter]);
  return { ...scroll, shown, rows, before: shown[start - 1]?.id };
}

/** The row below the unread line: the first one after the read mark. */
export function lineKeyOf(
  rows: ReturnType<typeof rowsOf>,
  before: string | undefined,
  lineId: Mark["lineId"],
): string | null {
  if (lineId === null) return null;
  let previous = before;
  for (const { id, key } of rows) {
    if (id === undefined) return null;
    if (compareIds(id, lineId) < 0) return previous === undefined ? null : key;
    previous = id;
  }
  return null;
}

function nonceOf(id: string): string | undefined {
  return pageWall.outbox.nonceOf(id);
}
