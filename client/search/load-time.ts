/** Loads the messages at a time that the page doesn't hold yet. */
import type { Comment } from "#schema/comment";
import { makeId } from "#schema/id";
import type { Read } from "#schema/read";
import { indexOf } from "../chat/log-range";
import { readHistory } from "../wall/api";
import { pageWall } from "../wall/page-wall";
import { pageBefore } from "../wall/seek";
import type { WallStore } from "../wall/wall-store";

/**
 * Empty pages followed for one time. On KV each seeks through 20,000 keys, and counts as many times towards the
 * history limit as it lists pages beyond two.
 */
export const SEEK_PAGES_MAX = 5;

export type Loaded =
  /** The message at the time is in the store, if there is any. */
  | "loaded"
  | "too early"
  /** The seek took too long; no message was found. */
  | "too far";

/**
 * Makes sure that the store has the messages around a time, with at most a few reads.
 *
 * @param ms since the epoch
 * @throws {ApiError} when the wall can't be read
 */
export async function loadTime(
  ms: number,
  store: WallStore = pageWall.store,
  read: (before: string) => Promise<Read> = readHistory,
): Promise<Loaded> {
  const { comments, holes, full } = store.snapshot();
  const next = comments[indexOf(comments, placeOf(ms))];
  // A page beyond the browser's limit would be evicted at once.
  if (full || !next || next.timestamp <= ms || !holes.has(next.id)) return "loaded";
  const page = await pageBefore(placeOf(ms), read, SEEK_PAGES_MAX);
  if (page.comments.length === 0) return page.nextBefore ? "too far" : "too early";
  store.acceptHistory(page);
  return "loaded";
}

/** The index of the last comment at or before a time, or of the first one; -1 without comments. */
export function indexAt(comments: readonly Comment[], ms: number): number {
  const place = indexOf(comments, placeOf(ms));
  const isThere = comments[place] && comments[place].timestamp <= ms;
  return Math.min(comments.length - 1, Math.max(0, isThere ? place : place - 1));
}

/** A place in the wall's order just after every message up to this time. */
function placeOf(ms: number): string {
  return makeId(Math.max(0, Math.floor(ms)), "0000000000");
}
