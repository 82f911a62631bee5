/**
 * Pages of messages older than the wall's window, read from the KV ledger.
 *
 * KV can only be listed from its newest key on, 1,000 keys at a time, and continues from its own list cursor. So
 * `nextBefore` carries that cursor, and each further page costs one list however old it is. The single writer's
 * knowledge overrides the listed records.
 */

import { isStoredComment, type StoredComment } from "#schema/comment";
import { compareIds } from "#schema/id";
import { formatPlace, type Place, parsePlace } from "#schema/place";
import type { HistoryQuery } from "#schema/read";
import type { Overlay, Stretch } from "../../contract/overlay";
import { BULK_GET_MAX_KEYS } from "../../ledger/kv";
import { type Ledger, type LedgerPage, PlaceRefused } from "../../ledger/ledger";
import type { Log } from "../../platform/log";
import { withMark } from "../../record";

/** The most lists in one request. A bare comment id may be far back; the next request continues the search. */
const SEEK_LISTS_MAX = 20;

/** The most lists of a page that needs no search. Each further list counts as a page for the rate limit. */
const LISTS_A_PAGE = 2;

/**
 * After a page whose messages were all removed, the next round reads this many ids, for at most `ROUNDS_MAX` rounds in
 * all, since an empty page is useless to the reader.
 */
const IDS_BEHIND_EMPTY = 5 * BULK_GET_MAX_KEYS;
const ROUNDS_MAX = 5;

export interface HistoryParts {
  ledger: Pick<Ledger, "newest" | "read">;
  /** Asks the single writer; `null` when it is unavailable. */
  overlay: (stretch: Stretch, listed: readonly string[]) => Promise<Overlay | null>;
  /** Counts the cost of one more page; false if the reader's rate limit is exceeded. */
  mayGoOn: () => Promise<boolean>;
  log: Log;
}

/** The lists of one request: each page of keys is fetched once. */
class Lists {
  readonly #parts: HistoryParts;
  readonly #listed = new Map<string | undefined, LedgerPage>();
  #isSpent = false;

  constructor(parts: HistoryParts) {
    this.#parts = parts;
  }

  /** A page of keys; `null` if this request may not make another list. */
  async from(cursor: string | undefined): Promise<LedgerPage | null> {
    const known = this.#listed.get(cursor);
    if (known) return known;
    const { size } = this.#listed;
    this.#isSpent ||= size >= SEEK_LISTS_MAX;
    if (!this.#isSpent && size >= LISTS_A_PAGE) this.#isSpent = !(await this.#parts.mayGoOn());
    if (this.#isSpent) return null;
    const page = await this.#parts.ledger.newest(cursor, "history");
    this.#listed.set(cursor, page);
    return page;
  }
}

export interface HistoryPage {
  /** Newest first. */
  comments: StoredComment[];
  nextBefore: string | null;
  /** Ids of removed comments in this stretch of the wall; some may come again with the next page. */
  removed: string[];
  /** Whether the page comes from the ledger alone, because the single writer was unavailable. */
  isSpare: boolean;
}

interface ListedPage {
  /** The cursor that returned this page, and the cursor of the next one. */
  cursor: string | undefined;
  next: string | null;
  last: string | undefined;
}

interface Listing {
  /** Ids older than the requested place: enough for a page, or all that the ledger has. */
  ids: string[];
  pages: ListedPage[];
}

/** A page, possibly empty with a `nextBefore` to continue from. @throws when the ledger refuses. */
export async function readHistory(
  { before, limit }: HistoryQuery,
  parts: HistoryParts,
): Promise<HistoryPage> {
  const lists = new Lists(parts);
  let { isReached, ...page } = await readPage(before, limit, limit, { ...parts, lists });
  const removed = [...page.removed];
  for (let round = 1; round < ROUNDS_MAX && isReached; round += 1) {
    const next = page.nextBefore && parsePlace(page.nextBefore);
    const size = Math.max(limit, IDS_BEHIND_EMPTY);
    if (page.comments.length > 0 || !next || !(await mayRead(size, parts))) break;
    ({ isReached, ...page } = await readPage(next, size, limit, { ...parts, lists }));
    removed.push(...page.removed);
  }
  return { ...page, removed };
}

/** Counts each bulk get as a page for the rate limit. */
async function mayRead(ids: number, { mayGoOn }: HistoryParts): Promise<boolean> {
  for (let read = 0; read < ids; read += BULK_GET_MAX_KEYS) if (!(await mayGoOn())) return false;
  return true;
}

type PageParts = HistoryParts & { lists: Lists };

/**
 * Reads up to `limit` ids older than a place, and returns at most `commentsMax` comments. `isReached` is false if the
 * lists of this request ended before the place.
 */
async function readPage(
  before: Place,
  limit: number,
  commentsMax: number,
  parts: PageParts,
): Promise<HistoryPage & { isReached: boolean }> {
  const { ids, pages } = await seek(before, limit, parts);
  const isAtEnd = pages.at(-1)?.next === null;
  if (ids.length === 0 && !isAtEnd) {
    const nextBefore = pages.length > 0 ? placeAfter(before.id, pages) : formatPlace(before);
    return { comments: [], removed: [], nextBefore, isSpare: false, isReached: false };
  }

  const listed = ids.slice(0, limit);
  const hasAll = isAtEnd && ids.length <= limit;
  const until = hasAll ? undefined : listed.at(-1);
  // Ask for one more than fits, to learn whether older messages remain.
  const stretch: Stretch = { after: before.id, max: limit + 1, ...(until && { until }) };
  const overlay = await parts.overlay(stretch, listed);
  const held = new Map((overlay?.held ?? []).map((comment) => [comment.id, comment]));
  const known = [...new Set([...listed, ...held.keys()])].sort(compareIds);
  const shown = known.slice(0, limit);
  const { found, removed } = await readAll(shown, held, overlay?.marks ?? [], parts);
  const comments = found.slice(0, commentsMax);
  const isLast = hasAll && known.length <= limit && found.length === comments.length;
  const end = found.length > comments.length ? comments.at(-1)?.id : shown.at(-1);
  return {
    comments,
    removed,
    nextBefore: isLast ? null : placeAfter(end as string, pages),
    isSpare: overlay === null,
    isReached: true,
  };
}

/** Lists from the place on. If the ledger rejects the place's cursor, searches from the newest key. */
async function seek(before: Place, limit: number, parts: PageParts): Promise<Listing> {
  try {
    return await list(before, limit, parts);
  } catch (error) {
    if (!(error instanceof PlaceRefused)) throw error;
    parts.log("place refused", { error });
    return list({ id: before.id }, limit, parts);
  }
}

async function list(
  { id: before, listCursor }: Place,
  limit: number,
  { lists }: PageParts,
): Promise<Listing> {
  const ids: string[] = [];
  const pages: ListedPage[] = [];
  let cursor = listCursor;
  while (ids.length < limit) {
    // A short list may lead back to its own cursor: a later request finds more there.
    if (pages.some((page) => page.cursor === cursor)) break;
    const page = await lists.from(cursor);
    if (!page) break;
    pages.push({ cursor, next: page.next, last: page.ids.at(-1) });
    for (const id of page.ids) if (compareIds(id, before) > 0) ids.push(id);
    if (page.next === null) break;
    cursor = page.next;
  }
  return { ids, pages };
}

/** The place after an id: on the id's own page of keys, or on the next page if its page is used up. */
function placeAfter(id: string, pages: readonly ListedPage[]): string {
  const page = pages.find(({ last }) => last !== undefined && compareIds(id, last) < 0);
  const end = pages.at(-1);
  const cursor = page ? page.cursor : (end?.next ?? end?.cursor);
  return formatPlace(cursor === undefined ? { id } : { id, listCursor: cursor });
}

/**
 * The comments of these ids, and those ids that were removed: from the single writer's memory if held there, else from
 * their keys and marks.
 */
async function readAll(
  ids: readonly string[],
  held: ReadonlyMap<string, StoredComment>,
  marks: Overlay["marks"],
  { ledger }: HistoryParts,
): Promise<{ found: StoredComment[]; removed: string[] }> {
  const markOf = new Map(marks.map((mark) => [mark.id, mark]));
  const isGone = (id: string) => markOf.get(id)?.mergedInto || markOf.get(id)?.removed;
  const unheld = ids.filter((id) => !held.has(id) && !isGone(id));
  const entries = await ledger.read(unheld, "history");
  const isRemoved = (id: string) => {
    const entry = entries.get(id);
    if (markOf.get(id)?.removed) return true;
    // The key of an undone removal may still say that the comment is removed.
    const isTombstone = typeof entry === "object" && entry !== null && "removed" in entry;
    return isTombstone && !markOf.get(id)?.undone;
  };
  const found = ids.flatMap((id) => {
    const known = held.get(id);
    if (known) return known;
    const entry = entries.get(id) ?? null;
    // Corrupt, merged into another, removed, or not readable in this location yet.
    if (entry === null || entry === "corrupt" || !isStoredComment(entry)) return [];
    return withMark(entry, markOf.get(id));
  });
  return { found, removed: ids.filter(isRemoved) };
}
