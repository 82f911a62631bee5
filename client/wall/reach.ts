/**
 * Loads messages beyond those that scrolling up loads: around a linked message, and after a message
 * whose followers are missing. Loaded when first needed.
 *
 * The wall's history is read backwards only. To read what came after a message, one asks for the page
 * before a later time, and guesses that time from how fast people wrote.
 */
import type { Comment } from "#schema/comment";
import { compareIds, makeId, timestampOf } from "#schema/id";
import type { Read } from "#schema/read";
import { ApiError } from "../api/request";
import { indexOf } from "../chat/log-range";
import { readHistory } from "./api";
import { findComment } from "./comment-api";
import { pageWall } from "./page-wall";
import { pageBefore } from "./seek";
import type { WallStore } from "./wall-store";

export interface ReachParts {
  store: Pick<WallStore, "snapshot" | "acceptHistory" | "get">;
  readHistory: (before: string) => Promise<Read>;
  findComment: (id: string) => Promise<Comment>;
}

/** A wall on `kv` lists 20,000 keys in one request: this reaches 200,000 messages back. */
const SEEKS_MAX = 10;

/** A page has 100 messages; a guess that hits holds about this many new ones. */
const AHEAD_MESSAGES = 60;

/** Guesses at one time. Each costs a request. */
const GUESSES_MAX = 8;
/** The next guess, after one within a silence. */
const GROW = 8;
/** Pages read on the way down from a guess that was too far. */
const WALK_MAX_PAGES = 4;
/** For a message that stands alone. */
const AHEAD_UNKNOWN_MS = 10 * 60_000;

/** Messages that show how fast people wrote. */
const PACE_MESSAGES = 50;

/** Among messages of one time, one with this suffix counts as the oldest. */
const LAST_SUFFIX = "zzzzzzzzzz";

const PAGE: ReachParts = { store: pageWall.store, readHistory, findComment };

/**
 * Loads the messages around `id`. Returns the id to jump to, another one if the message was merged into
 * a second copy of it; `null` if it can't be placed: it was removed, the page is full, or a read failed.
 */
export async function reachAround(id: string, parts = PAGE): Promise<string | null> {
  if (parts.store.snapshot().full) return null;
  try {
    const page = await pageWith(id, parts);
    if (page) return placed(id, page, parts);
    const { id: survivor } = await parts.findComment(id);
    if (parts.store.get(survivor)) return survivor;
    const other = survivor === id ? null : await pageWith(survivor, parts);
    return other && placed(survivor, other, parts);
  } catch (error) {
    if (error instanceof ApiError) return null;
    throw error;
  }
}

/**
 * Loads messages that follow the last comment above the hole of `id`, or at least makes the hole smaller.
 * Does nothing if there is none. @throws {ApiError}
 */
export async function reachOn(id: string, parts = PAGE): Promise<void> {
  const { comments, full, holes } = parts.store.snapshot();
  const index = indexOf(comments, id);
  const edge = comments[index - 1];
  if (!edge || full || !holes.has(id)) return;
  const pace = comments.slice(Math.max(0, index - PACE_MESSAGES), index);
  await readAfter(edge.id, aheadMs(pace), id, parts);
}

/** The page whose newest message is `id`, or another of the same time; `null` if it lacks it. */
async function pageWith(id: string, parts: ReachParts): Promise<Read | null> {
  const page = await pageBefore(placeAfter(timestampOf(id)), parts.readHistory, SEEKS_MAX);
  return page.comments.some((comment) => comment.id === id) ? page : null;
}

/** Adds the page, and messages that came after `id`. */
async function placed(id: string, page: Read, parts: ReachParts): Promise<string> {
  const { comments } = parts.store.snapshot();
  const end = comments[indexOf(comments, id)]?.id;
  parts.store.acceptHistory(page);
  // Without them the message still shows, with a hole below it.
  if (end) await readAfter(id, aheadMs(page.comments), end, parts).catch(() => {});
  return id;
}

/**
 * Adds messages that came after `edge` and before the comment `end`, which has a hole above it. Guesses
 * a later time, then reads backwards from there until it meets the edge.
 */
async function readAfter(edge: string, ahead: number, end: string, parts: ReachParts) {
  const isNewer = ({ id }: Comment) => compareIds(id, edge) < 0;
  const meets = (page: Read) => !page.comments.every(isNewer);
  let pages: Read[] = [];
  let filled: string | undefined;
  let guessMs = ahead;
  for (let guess = 0; guess < GUESSES_MAX; guess += 1) {
    const until = timestampOf(edge) + Math.ceil(guessMs);
    const isToEnd = until >= timestampOf(end);
    const page = await pageBefore(isToEnd ? end : placeAfter(until), parts.readHistory, SEEKS_MAX);
    const isNew = page.comments.some(isNewer);
    if (isNew || isToEnd) {
      pages = [page];
      filled = isToEnd ? end : undefined;
      if (!isNew || meets(page)) break;
      // Too far: the page ends before it meets the edge.
      guessMs = Math.min(guessMs / 2, aheadMs(page.comments));
    } else if (pages.length > 0) break;
    else guessMs *= GROW;
  }
  for (let last = pages.at(-1); last && !meets(last); last = pages.at(-1)) {
    const oldest = last.comments.at(-1);
    if (!oldest || pages.length > WALK_MAX_PAGES) break;
    pages.push(await pageBefore(oldest.id, parts.readHistory, SEEKS_MAX));
  }
  for (const page of pages) {
    parts.store.acceptHistory(page, filled);
    filled = page.comments.at(-1)?.id;
  }
}

/** The time in which people write `AHEAD_MESSAGES` at the pace of these, in ms. */
function aheadMs(comments: readonly Comment[]): number {
  const times = comments.map(({ timestamp }) => timestamp);
  if (times.length < 2) return AHEAD_UNKNOWN_MS;
  const spanMs = Math.max(...times) - Math.min(...times);
  return Math.max(1, (spanMs / times.length) * AHEAD_MESSAGES);
}

/** The place right after all messages of this time, in ms since the epoch. */
function placeAfter(timestamp: number): string {
  return makeId(timestamp + 1, LAST_SUFFIX);
}
