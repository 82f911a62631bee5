/**
 * The part of the log that is rendered: a few hundred rows, however many are loaded. Identified by
 * the ids at its ends, so that it stays in place when messages arrive before and after it.
 */
import type { Comment } from "#schema/comment";
import { compareIds } from "#schema/id";
import { firstIndex } from "../browser/first-index";

/** Height of the lowest row. */
const ROW_MIN_PX = 26;

/** Rows rendered at the bottom: more than the screen shows, in portrait and landscape. */
export const ROWS_AT_BOTTOM = Math.max(
  40,
  Math.ceil(Math.max(globalThis.screen?.width ?? 0, globalThis.screen?.height ?? 0) / ROW_MIN_PX),
);
/**
 * Limit of rendered rows while scrolled up: the view, and as much again on either side, which is more than the margin
 * in which rows are added. Each step lays out and paints all of them.
 */
export const ROWS_MAX = 3 * ROWS_AT_BOTTOM;
/** Rows added at once: few enough for a slow phone to lay out unnoticed. */
export const ROWS_STEP = 5;

export interface LogRange {
  /** The first id; `null` for as many rows as fit at the bottom. */
  from: string | null;
  /** The last id; `null` to follow the newest. */
  to: string | null;
}

export const AT_BOTTOM: LogRange = { from: null, to: null };

export interface Span {
  start: number;
  /** Exclusive. */
  end: number;
}

/** The indices of a range in `comments`, oldest first. */
export function spanOf(comments: readonly Comment[], { from, to }: LogRange): Span {
  const end = to === null ? comments.length : endOf(comments, to);
  const start = from === null ? Math.max(0, end - ROWS_AT_BOTTOM) : indexOf(comments, from);
  return { start: Math.min(start, end), end: Math.min(end, comments.length) };
}

/** The range one step further up; unchanged when it starts with the first comment. */
export function stepUp(comments: readonly Comment[], range: LogRange): LogRange {
  const { start, end } = spanOf(comments, range);
  if (start === 0) return range;
  return between(comments, start - ROWS_STEP, Math.min(end, start - ROWS_STEP + ROWS_MAX));
}

/** The range one step further down; unchanged when it ends with the newest. */
export function stepDown(comments: readonly Comment[], range: LogRange): LogRange {
  const { start, end } = spanOf(comments, range);
  if (end === comments.length) return range;
  return between(comments, Math.max(start, end + ROWS_STEP - ROWS_MAX), end + ROWS_STEP);
}

/** Keeps a reader's place: rendered rows stay and new ones are added, up to the limit. */
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

/** The index of `id`, or the index where it would be inserted, in comments sorted oldest first. */
export function indexOf(comments: readonly { id: string }[], id: string): number {
  return firstIndex(comments, (comment) => compareIds(comment.id, id) <= 0);
}
