import { useMemo } from "react";
import type { Comment } from "#schema/comment";
import { compareIds } from "#schema/id";
import { mutedSetting, useSetting } from "../browser/settings";
import type { WallContent } from "../polling/use-wall";
import { useFinder } from "../search/use-finder";
import { type Filter, filtered, isFiltering } from "../wall/filter";
import { pageWall } from "../wall/page-wall";
import type { Mark } from "../wall/read-mark";
import { rowsOf } from "../wall/timeline";
import { spanOf } from "./log-range";
import { type Author, isMuted, type Mute, withoutMute } from "./mutes";
import { useLogScroll } from "./use-log-scroll";

/**
 * The shown messages after filter and mutes, and the few hundred of them that are rendered as rows.
 */
export function useLog({ comments, outgoing }: WallContent, filter: Filter, self: Author) {
  const mutes = useSetting(mutedSetting);
  const { username, color } = self;
  const matches = useFinder(filter.text)?.matchesComment;
  const shown = useMemo(
    () => filtered(comments, filter, hiddenBy(mutes, { username, color }), matches),
    [comments, filter, mutes, username, color, matches],
  );
  const isFiltered = isFiltering(filter);
  const scroll = useLogScroll(shown, isFiltered);
  const { start, end } = spanOf(shown, scroll.range);
  const rows = useMemo(() => {
    const isWhole = end === shown.length && !isFiltered;
    const waiting = isWhole ? outgoing : [];
    return rowsOf(shown.slice(start, end), waiting, nonceOf, shown[start - 1]);
  }, [shown, start, end, outgoing, isFiltered]);
  return { ...scroll, shown, rows, before: shown[start - 1]?.id };
}

/**
 * Whether a comment is hidden; `null` if none is. Readers never mute themselves, by a name or colour
 * that they take later either.
 */
export function hiddenBy(mutes: readonly Mute[], self: Author) {
  const others = withoutMute(mutes, self);
  if (others.length === 0) return null;
  return (comment: Comment) => isMuted(others, comment) && nonceOf(comment.id) === undefined;
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
