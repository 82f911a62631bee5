/** One isolate's copy of a wall, kept between requests. Holds values only, never promises. */
import type { PresentBot } from "#schema/bots";
import { bytesOf } from "#schema/bytes";
import type { Sync } from "#schema/change";
import type { Comment } from "#schema/comment";
import { type Cursor, formatCursor } from "#schema/cursor";
import { isSameMessage, suffixOf } from "#schema/id";
import type { Read, ReadQuery } from "#schema/read";
import type { ParsedSpare } from "#schema/view/spare";
import { WallView } from "#schema/view/wall-view";
import { SizedMap } from "./sized-map";

/**
 * The size of the comments that this isolate accepted recently, kept to recognise a retried nonce at once: 200 of the
 * longest, over 1,000 short ones.
 */
export const RECENT_POSTS_BYTES_MAX = 1_000_000;

/** The size of the serialised answers kept for one state of the wall. The largest possible window has 2.3 MB. */
export const SERIALISED_BYTES_MAX = 4_000_000;

/** Memory of an answer in addition to its bytes: the buffer object and the key. */
const SERIALISED_FIXED_BYTES = 500;

/** A running refresh of one isolate's replica. */
export interface Refresh {
  beganAt: number;
  /** When this isolate's sync started, in ms; absent before that. */
  askedAt?: number;
  /** At its last look, another isolate's sync had been open for longer than a quick rebuilder takes. */
  isOthersSlow?: boolean;
  /** After this time, in ms, the refresh counts as lost: the platform cancels a request whose client leaves. */
  until: number;
}

export class Replica {
  #view: WallView | null = null;
  #rebuiltAt = 0;
  #isSpare = false;
  readonly #serialised = new SizedMap<Uint8Array>(
    SERIALISED_BYTES_MAX,
    ({ byteLength }) => SERIALISED_FIXED_BYTES + byteLength,
  );
  /** By the suffix of their ids. */
  readonly #recentPosts = new SizedMap<Comment>(RECENT_POSTS_BYTES_MAX, bytesOf);

  /** Polls not yet reported to the rebuilder. */
  polls = 0;
  /** When the sync with the rebuilder's newest answer started, in ms. */
  askedAt = 0;
  /** The duration of that sync, in ms. */
  tookMs = 0;
  /** When the next sync is due, in ms. */
  dueAt = 0;
  /** The last refresh that this isolate started; `null` once it has ended. */
  refreshing: Refresh | null = null;
  #awayUntil = 0;
  /** The rebuilder's log does not reach back to cursors below this sequence. */
  #senderFloor = 0;

  /** Whether posting was paused as of the newest answer or spare. */
  isPaused = false;

  /** Whether some senders were blocked as of the newest answer. */
  isBlocking = false;

  /** The bots that were present as of the newest answer. */
  bots: readonly PresentBot[] = [];

  /** The wall's ledger; absent before the rebuilder's first answer. */
  ledger: Sync["ledger"];

  /** The replica is empty because neither the rebuilder nor the spare could be read so far. */
  isUnread = false;

  get serialisedBytes(): number {
    return this.#serialised.bytes;
  }

  get view(): WallView | null {
    return this.#view;
  }

  get rebuiltAt(): number {
    return this.#rebuiltAt;
  }

  /** The cursor of the replica's state; one of no real store while the replica is empty. */
  get cursor(): string {
    return formatCursor(this.#view?.cursor ?? { store: EMPTY_STORE, sequence: 0 });
  }

  /** Whether reads are marked as spare. */
  get isSpare(): boolean {
    return this.#isSpare;
  }

  /** After a failure the rebuilder is not asked again before this time, in ms. */
  get awayUntil(): number {
    return this.#awayUntil;
  }

  /** The running refresh, unless it counts as lost. */
  refreshAt(now: number): Refresh | null {
    const { refreshing } = this;
    return refreshing && now >= refreshing.beganAt && now < refreshing.until ? refreshing : null;
  }

  /** Repairs times noted by a clock that was ahead and has been corrected: nothing is due later than these maxima. */
  correct(now: number, { dueMaxMs, awayMaxMs }: { dueMaxMs: number; awayMaxMs: number }): void {
    if (this.askedAt > now) this.askedAt = 0;
    if (this.dueAt > now + dueMaxMs) this.dueAt = now;
    if (this.#awayUntil > now + awayMaxMs) this.#awayUntil = now;
  }

  /** Notes that the rebuilder is unavailable: reads are marked as spare until it answers again. */
  away(until: number): void {
    this.#awayUntil = until;
    if (this.#view === null) this.isUnread = true;
    this.#isSpare = true;
  }

  /** Applies an answer of the rebuilder. Ignores one that is older than the replica's state. */
  absorb(sync: Sync, askedAt: number): void {
    const before = this.#state();
    if (!this.#view?.absorb(sync)) {
      if (this.isAhead(sync) || !sync.window) return;
      this.#view = new WallView(sync.store, sync.sequence, sync.window);
      // A window does not list the removals since the last answer.
      this.#recentPosts.clear();
    }
    for (const change of sync.changes ?? [])
      if ("removed" in change) this.#forgetPost(change.removed);
    this.#senderFloor = sync.floor;
    // Walls only move from kv to sqlite: an older answer must not undo that.
    if (this.ledger !== "sqlite") this.ledger = sync.ledger;
    if (askedAt >= this.askedAt) {
      this.isPaused = sync.paused === true;
      this.isBlocking = sync.blocking === true;
      this.bots = sync.bots ?? [];
      this.#rebuiltAt = sync.rebuiltAt;
    }
    this.askedAt = Math.max(this.askedAt, askedAt);
    this.#isSpare = false;
    this.isUnread = false;
    this.#awayUntil = 0;
    // Most refreshes of a quiet wall bring no change: the serialised answers stay valid.
    if (this.#state() !== before) this.#serialised.clear();
  }

  /**
   * Whether the rebuilder, asked for changes after `since`, answered with its window because its log no longer reaches
   * back as far, though it does to this replica's own cursor. The window would replace the changes that other readers
   * need: only the log's new floor is noted.
   */
  outlives({ sequence: since }: Cursor, { store, floor, window }: Sync): boolean {
    const view = this.#view;
    const isOutdated = !view || view.store !== store || view.sequence < floor;
    if (isOutdated || !window || since >= view.sequence) return false;
    this.#senderFloor = floor;
    return true;
  }

  /** Whether an answer of the rebuilder is older than the replica's state. */
  isAhead({ store, sequence }: Sync): boolean {
    return this.#view?.store === store && this.#view.sequence > sequence;
  }

  /** Takes over the published spare, unless the replica's state is newer. */
  absorbSpare(spare: ParsedSpare | null): void {
    this.isUnread = false;
    if (!spare || (this.#view && this.#view.sequence >= spare.view.sequence)) return;
    this.#serialised.clear();
    this.#view = spare.view;
    this.#recentPosts.clear();
    this.#rebuiltAt = spare.rebuiltAt;
    this.isPaused = spare.isPaused;
  }

  /** Whether the cursor is too old for this isolate's log, but not for the rebuilder's. */
  lacks({ since }: ReadQuery): boolean {
    if (!since || !this.#view || since.store !== this.#view.store) return false;
    return since.sequence < this.#view.floor && since.sequence >= this.#senderFloor;
  }

  /** The cursor to sync from for a query that this isolate's log lacks: up to `further` changes before the query's. */
  reachBack({ since }: ReadQuery, further: number): Cursor | undefined {
    if (!since) return undefined;
    // At most half of the way to the floor: the rebuilder's log may be shorter when the sync arrives.
    const left = Math.floor((since.sequence - this.#senderFloor) / 2);
    return { ...since, sequence: since.sequence - Math.min(further, left) };
  }

  /** The answer to a poll, and its ETag. */
  read(query: ReadQuery): { etag: string; body: () => Uint8Array } {
    // With no view yet, echo the caller's cursor.
    const { store, sequence } = query.since ?? { store: EMPTY_STORE, sequence: 0 };
    const view = this.#view ?? new WallView(store, sequence);
    const asked = query.since ? formatCursor(query.since) : "";
    const key = `${formatCursor(view.cursor)}/${asked}/${query.limit}${this.#isSpare ? "/spare" : ""}`;
    return { etag: `W/"${key}"`, body: () => this.#serialise(key, view, query) };
  }

  /** The comment with this nonce, if this isolate knows it and can be sure that it was not removed. */
  known(id: string, nonce: string): Comment | undefined {
    const isCopy = (comment: Comment) => comment.nonce === nonce && isSameMessage(comment.id, id);
    const shown = this.#view?.window.find(isCopy);
    // Without the rebuilder, a comment outside the window may have been removed unnoticed.
    if (shown || this.#isSpare) return shown;
    const posted = this.#recentPosts.get(suffixOf(id));
    return posted && isCopy(posted) ? posted : undefined;
  }

  rememberPost(comment: Comment): void {
    if (comment.nonce !== undefined) this.#recentPosts.set(suffixOf(comment.id), comment);
  }

  /** Forgets a post by the id of any of its copies. */
  #forgetPost(id: string): void {
    const posted = this.#recentPosts.get(suffixOf(id));
    if (posted && isSameMessage(posted.id, id)) this.#recentPosts.delete(suffixOf(id));
  }

  /** A key for everything that an answer depends on. */
  #state(): string {
    const cursor = this.#view && formatCursor(this.#view.cursor);
    return `${cursor}/${this.#view?.floor}/${this.#rebuiltAt}/${this.#isSpare}`;
  }

  #serialise(key: string, view: WallView, { since, limit }: ReadQuery): Uint8Array {
    const known = this.#serialised.get(key);
    if (known) return known;
    const core = since ? view.changesSince(since, limit) : view.newest(limit);
    const read: Read = { ...core, rebuiltAt: this.#rebuiltAt };
    if (this.#isSpare) read.spare = true;
    const bytes = new TextEncoder().encode(JSON.stringify(read));
    this.#serialised.set(key, bytes);
    return bytes;
  }
}

/** The store in cursors of an empty replica. It differs from every real store. */
const EMPTY_STORE = "00000000";
