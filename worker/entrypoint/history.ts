/**
 * The past, page by page, straight from the ledger: what the wall's window no longer holds.
 *
 * The ledger can only be listed from its newest key on, 1,000 at a time, and goes on from a cursor
 * of its own. So the place where a page ends carries that cursor, and the next page costs one list
 * again however far back it lies. What the single writer knows of the page is laid over it.
 */

import { isStoredComment, type StoredComment } from "#schema/comment";
import { compareIds } from "#schema/id";
import { formatPlace, type Place, parsePlace } from "#schema/place";
import type { HistoryQuery } from "#schema/read";
import type { Overlay, Stretch } from "../contract/overlay";
import { type Ledger, type LedgerPage, PlaceRefused } from "../ledger/ledger";
import type { Log } from "../platform/log";
import { withMark } from "../record";

/** Lists in one request at most: a comment's bare id may lie far back, and the next request goes on. */
const SEEK_LISTS_MAX = 20;

/** Lists that a page of the past takes where nothing is sought: those beyond count as pages of their own. */
const LISTS_A_PAGE = 2;

/**
 * After a page that was all taken down, the search looks through this many ids at a time, which is five bulk gets,
 * and that many times: an empty page tells its reader nothing.
 */
const IDS_BEHIND_EMPTY = 500;
const ROUNDS_MAX = 5;

export interface HistoryParts {
  ledger: Pick<Ledger, "newest" | "read">;
  /** Asks the single writer; `null` when it is away. */
  overlay: (stretch: Stretch, listed: readonly string[]) => Promise<Overlay | null>;
  /** Whether the reader's limit allows for as much again as a usual page costs; counts it. */
  mayGoOn: () => Promise<boolean>;
  log: Log;
}

/** The lists that one request has made so far. */
class Lists {
  readonly #parts: HistoryParts;
  readonly #listed = new Map<string | undefined, LedgerPage>();
  #isSpent = false;

  constructor(parts: HistoryParts) {
    this.#parts = parts;
  }

  /** A page of keys; `null` where this request may list no more. */
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
  /** Whether the single writer was away, so that this is what the ledger alone shows. */
  isSpare: boolean;
}

interface ListedPage {
  /** The cursor that it was listed from, and the one that leads on. */
  cursor: string | undefined;
  next: string | null;
  last: string | undefined;
}

interface Listing {
  /** Ids behind the place that was asked for: a page's worth, or what the ledger has. */
  ids: string[];
  pages: ListedPage[];
}

/** A page, or an empty one that leads on. @throws when the ledger refuses. */
export async function readHistory(
  { before, limit }: HistoryQuery,
  parts: HistoryParts,
): Promise<HistoryPage> {
  const lists = new Lists(parts);
  let { isSought, ...page } = await readPage(before, limit, limit, { ...parts, lists });
  for (let round = 1; round < ROUNDS_MAX && isSought; round += 1) {
    const next = page.nextBefore && parsePlace(page.nextBefore);
    if (page.comments.length > 0 || !next || !(await parts.mayGoOn())) break;
    const size = Math.max(limit, IDS_BEHIND_EMPTY);
    ({ isSought, ...page } = await readPage(next, size, limit, { ...parts, lists }));
  }
  return page;
}

type PageParts = HistoryParts & { lists: Lists };

/**
 * Looks through as many ids as `limit` behind a place, for at most `commentsMax` comments. `isSought` is false where
 * the place was not reached yet.
 */
async function readPage(
  before: Place,
  limit: number,
  commentsMax: number,
  parts: PageParts,
): Promise<HistoryPage & { isSought: boolean }> {
  const { ids, pages } = await seek(before, limit, parts);
  const isAtEnd = pages.at(-1)?.next === null;
  if (ids.length === 0 && !isAtEnd) {
    const nextBefore = pages.length > 0 ? placeAfter(before.id, pages) : formatPlace(before);
    return { comments: [], nextBefore, isSpare: false, isSought: false };
  }

  const listed = ids.slice(0, limit);
  const hasAll = isAtEnd && ids.length <= limit;
  const until = hasAll ? undefined : listed.at(-1);
  // One more than fits tells whether something is left.
  const stretch: Stretch = { after: before.id, max: limit + 1, ...(until && { until }) };
  const overlay = await parts.overlay(stretch, listed);
  const held = new Map((overlay?.held ?? []).map((comment) => [comment.id, comment]));
  const known = [...new Set([...listed, ...held.keys()])].sort(compareIds);
  const shown = known.slice(0, limit);
  const found = await readAll(shown, held, overlay?.marks ?? [], parts);
  const comments = found.slice(0, commentsMax);
  const isLast = hasAll && known.length <= limit && found.length === comments.length;
  const end = found.length > comments.length ? comments.at(-1)?.id : shown.at(-1);
  return {
    comments,
    nextBefore: isLast ? null : placeAfter(end as string, pages),
    isSpare: overlay === null,
    isSought: true,
  };
}

/** Lists from the place on. One whose cursor the ledger does not take is sought from the newest key. */
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
    const page = await lists.from(cursor);
    if (!page) break;
    pages.push({ cursor, next: page.next, last: page.ids.at(-1) });
    for (const id of page.ids) if (compareIds(id, before) > 0) ids.push(id);
    if (page.next === null) break;
    cursor = page.next;
  }
  return { ids, pages };
}

/** Where to go on behind an id: at the listed page on which it stands, or behind one that is used up. */
function placeAfter(id: string, pages: readonly ListedPage[]): string {
  const page = pages.find(({ last }) => last !== undefined && compareIds(id, last) < 0);
  const end = pages.at(-1);
  const cursor = page ? page.cursor : (end?.next ?? end?.cursor);
  return formatPlace(cursor === undefined ? { id } : { id, listCursor: cursor });
}

/** The comments of these ids: held ones as they are, others as their keys and marks say. */
async function readAll(
  ids: readonly string[],
  held: ReadonlyMap<string, StoredComment>,
  marks: Overlay["marks"],
  { ledger }: HistoryParts,
): Promise<StoredComment[]> {
  const markOf = new Map(marks.map((mark) => [mark.id, mark]));
  const isGone = (id: string) => markOf.get(id)?.mergedInto || markOf.get(id)?.removed;
  const unheld = ids.filter((id) => !held.has(id) && !isGone(id));
  const entries = await ledger.read(unheld, "history");
  return ids.flatMap((id) => {
    const known = held.get(id);
    if (known) return known;
    const entry = entries.get(id) ?? null;
    // Corrupt, merged into another, taken down, or not to be read here yet.
    if (entry === null || entry === "corrupt" || !isStoredComment(entry)) return [];
    return withMark(entry, markOf.get(id));
  });
}
