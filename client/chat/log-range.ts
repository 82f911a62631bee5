/**
 * Which part of the wall is in the page: a few hundred rows, whatever is held. Named by the ids at
 * its ends, so that it stays in place when messages come before and after it.
 */
import type { Comment } from "#schema/comment";
import { compareIds } from "#schema/id";

/** No row is lower. */
const ROW_MIN_PX = 26;

/** Rows in the page for who reads the newest: more than the screen shows, whichever way it is held. */
export const ROWS_AT_BOTTOM = Math.max(
  40,
  Math.ceil(Math.max(globalThis.screen?.width ?? 0, globalThis.screen?.height ?? 0) / ROW_MIN_PX),
);
/** Further up there are more, up to the most. */
export const ROWS_MAX = 300;
/** Rows added at once: what can be laid out on a slow phone without being noticed. */
export const ROWS_STEP = 20;

export interface LogRange {
  /** The first id; `null` as many as stand at the bottom. */
  from: string | null;
  /** The last id; `null` up to the newest, and with it. */
  to: string | null;
}

export const AT_BOTTOM: LogRange = { from: null, to: null };

export interface Span {
  start: number;
  /** After the last. */
  end: number;
}

/** Where a range lies in `comments`, oldest first. */
export function spanOf(comments: readonly Comment[], { from, to }: LogRange): Span {
  const end = to === null ? comments.length : endOf(comments, to);
  const start = from === null ? Math.max(0, end - ROWS_AT_BOTTOM) : indexOf(comments, from);
  return { start: Math.min(start, end), end: Math.min(end, comments.length) };
}

/** The range a step further up; the same when it begins with the first. */
export function stepUp(comments: readonly Comment[], range: LogRange): LogRange {
  const { start, end } = spanOf(comments, range);
  if (start === 0) return range;
  return between(comments, start - ROWS_STEP, Math.min(end, start - ROWS_STEP + ROWS_MAX));
}

/** The range a step further down; the same when it ends with the newest. */
export function stepDown(comments: readonly Comment[], range: LogRange): LogRange {
  const { start, end } = spanOf(comments, range);
  if (end === comments.length) return range;
  return between(comments, Math.max(start, end + ROWS_STEP - ROWS_MAX), end + ROWS_STEP);
}

/** Holds a reader's place: what is in the page stays, what comes is added, up to the most. */
export function hold(comments: readonly Comment[], range: LogRange): LogRange {
  const { start, end } = spanOf(comments, range);
  return between(comments, start, Math.min(end, start + ROWS_MAX));
}

/** The range around an id. */
export function around(comments: readonly Comment[], id: string): LogRange {
  const index = indexOf(comments, id);
  return between(comments, index - ROWS_AT_BOTTOM, index + ROWS_AT_BOTTOM);
}

function endOf(comments: readonly Comment[], to: string): number {
  const index = indexOf(comments, to);
  return comments[index]?.id === to ? index + 1 : index;
}

function between(comments: readonly Comment[], start: number, end: number): LogRange {
  return {
    from: comments[Math.max(0, start)]?.id ?? null,
    to: end >= comments.length ? null : (comments[end - 1]?.id ?? null),
  };
}

/** The index at which `id` stands, or would stand, in comments that are oldest first. */
export function indexOf(comments: readonly { id: string }[], id: string): number {
  let low = 0;
  let high = comments.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (compareIds((comments[middle] as { id: string }).id, id) > 0) low = middle + 1;
    else high = middle;
  }
  return low;
}
