import { useEffect, useMemo, useSyncExternalStore } from "react";
import type { Comment } from "#schema/comment";
import { readSetting } from "../browser/settings";
import { pageWall } from "../wall/page-wall";
import { countUnread, ReadMark } from "../wall/read-mark";

const mark = new ReadMark();

export interface Unread {
  count: number;
  /** The line stands after this comment; `null` for none. */
  lineId: string | null;
}

/** Messages the reader has not seen: they came while the tab was hidden, or below the view. */
export function useUnread(comments: readonly Comment[], isAtBottom: boolean, isVisible: boolean) {
  const { readId, lineId } = useSyncExternalStore(mark.subscribe, mark.snapshot, mark.snapshot);
  const newest = comments.at(-1)?.id;
  const isReading = isAtBottom && isVisible;

  useEffect(() => {
    const left = readSetting.snapshot();
    if (left && mark.snapshot().readId === null) mark.restore(left);
  }, []);
  useEffect(() => {
    if (!isReading) mark.leave();
    else if (newest !== undefined) mark.read(newest);
  }, [isReading, newest]);
  useEffect(() => {
    if (readId !== null) readSetting.set(readId);
  }, [readId]);
  useEffect(() => pageWall.onHeard(({ kind }) => kind === "confirmed" && mark.catchUp()), []);

  const count = useMemo(() => countUnread(comments, readId, isOwn), [comments, readId]);
  return { count: isReading ? 0 : count, lineId };
}

function isOwn(id: string): boolean {
  return pageWall.outbox.nonceOf(id) !== undefined;
}
