/** What one isolate of the entrypoint keeps of a wall between requests: values only, never promises. */
import { bytesOf } from "#schema/bytes";
import type { Sync } from "#schema/change";
import type { Comment } from "#schema/comment";
import { type Cursor, formatCursor } from "#schema/cursor";
import { isSameMessage, suffixOf } from "#schema/id";
import type { Read, ReadQuery } from "#schema/read";
import type { ParsedSpare } from "#schema/spare";
import { WallView } from "#schema/wall-view";
import { SizedMap } from "./sized-map";

/**
 * Comments that this isolate accepted lately, so that a retried nonce is known at once: 200 of the longest,
 * over 1,000 short ones.
 */
export const RECENT_POSTS_BYTES_MAX = 1_000_000;

/** Serialised answers kept for one state of the wall: the longest window there can be has 2.3 MB. */
export const SERIALISED_BYTES_MAX = 4_000_000;

/** Memory of an answer besides its bytes: the buffer's object and the key. */
const SERIALISED_FIXED_BYTES = 500;

/** A refresh of one isolate's replica that is under way. */
export interface Refresh {
  beganAt: number;
  /** When the question that it waits for was asked, by whichever isolate. */
  askedAt?: number;
  /** It counts as lost after this time: its request has ended, as requests do whose client leaves. */
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
  /** By suffix. */
  readonly #recentPosts = new SizedMap<Comment>(RECENT_POSTS_BYTES_MAX, bytesOf);

  /** Polls that the rebuilder was not told of yet. */
  polls = 0;
  /** When the newest answer of the rebuilder was asked for, in ms. */
  askedAt = 0;
  /** How long the rebuilder took for that answer, in ms. */
  tookMs = 0;
  /** When the rebuilder is to be asked again. */
  dueAt = 0;
  /** The refresh that this isolate began last, until it ends. */
  refreshing: Refresh | null = null;
  #awayUntil = 0;
  /** Cursors under this sequence are known to be out of the rebuilder's reach. */
  #senderFloor = 0;

  /** Whether the wall took no messages when this isolate last heard of it. */
  isPaused = false;

  /** Where the wall's comments are, once the rebuilder has said so. */
  ledger: Sync["ledger"];

  /** Nothing is held because neither the rebuilder nor the published snapshot could be read so far. */
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

  /** The cursor of the state that is held; that of no store where nobody could read the wall yet. */
  get cursor(): string {
    return formatCursor(this.#view?.cursor ?? { store: EMPTY_STORE, sequence: 0 });
  }

  /** Whether what is held passes for the spare. */
  get isSpare(): boolean {
    return this.#isSpare;
  }

  /** Until when the rebuilder, having failed, is not asked again. */
  get awayUntil(): number {
    return this.#awayUntil;
  }

  /** The refresh that is under way, unless it was lost. */
  refreshAt(now: number): Refresh | null {
    const { refreshing } = this;
    return refreshing && now >= refreshing.beganAt && now < refreshing.until ? refreshing : null;
  }

  /** Takes back what a clock noted that was ahead and has been set right: nothing is due later than these. */
  correct(now: number, { dueMaxMs, awayMaxMs }: { dueMaxMs: number; awayMaxMs: number }): void {
    if (this.askedAt > now) this.askedAt = 0;
    if (this.dueAt > now + dueMaxMs) this.dueAt = now;
    if (this.#awayUntil > now + awayMaxMs) this.#awayUntil = now;
  }

  /** The rebuilder is away: from now on what is held passes for the spare, until it answers again. */
  away(until: number): void {
    this.#awayUntil = until;
    if (this.#view === null) this.isUnread = true;
    this.#isSpare = true;
  }

  /** Takes an answer of the rebuilder. One that is older than what is held is left aside. */
  absorb(sync: Sync, askedAt: number): void {
    const before = this.#state();
    if (!this.#view?.absorb(sync)) {
      if (this.isAhead(sync) || !sync.window) return;
      this.#view = new WallView(sync.store, sync.sequence, sync.window);
      // A window does not say what was taken down meanwhile.
      this.#recentPosts.clear();
    }
    for (const change of sync.changes ?? [])
      if ("removed" in change) this.#forgetPost(change.removed);
    this.#senderFloor = sync.floor;
    // Comments move one way: an older answer changes nothing.
    if (this.ledger !== "sqlite") this.ledger = sync.ledger;
    if (askedAt >= this.askedAt) {
      this.isPaused = sync.paused === true;
      this.#rebuiltAt = sync.rebuiltAt;
    }
    this.askedAt = Math.max(this.askedAt, askedAt);
    this.#isSpare = false;
    this.isUnread = false;
    this.#awayUntil = 0;
    // Most refreshes of a quiet wall bring nothing: then what was serialised is still the answer.
    if (this.#state() !== before) this.#serialised.clear();
  }

  /** Whether an answer of the rebuilder is older than what is held. */
  isAhead({ store, sequence }: Sync): boolean {
    return this.#view?.store === store && this.#view.sequence > sequence;
  }

  /** Takes the published snapshot, unless what is held is newer. */
  absorbSpare(spare: ParsedSpare | null): void {
    this.isUnread = false;
    if (!spare || (this.#view && this.#view.sequence >= spare.view.sequence)) return;
    this.#serialised.clear();
    this.#view = spare.view;
    this.#recentPosts.clear();
    this.#rebuiltAt = spare.rebuiltAt;
    this.isPaused = spare.isPaused;
  }

  /** Whether the rebuilder could answer this cursor where this isolate's log cannot. */
  lacks({ since }: ReadQuery): boolean {
    if (!since || !this.#view || since.store !== this.#view.store) return false;
    return since.sequence < this.#view.floor && since.sequence >= this.#senderFloor;
  }

  /** From where to ask for the changes after a cursor that this isolate's log lacks: some further back, where there are. */
  reachBack({ since }: ReadQuery, further: number): Cursor | undefined {
    if (!since) return undefined;
    // Half of what is left at most: the rebuilder's log may be shorter by the time it is asked.
    const left = Math.floor((since.sequence - this.#senderFloor) / 2);
    return { ...since, sequence: since.sequence - Math.min(further, left) };
  }

  /** The answer to a poll and the tag it is known by. */
  read(query: ReadQuery): { etag: string; body: () => Uint8Array } {
    // Who knows nothing has nothing newer to tell than the cursor that it was asked with.
    const { store, sequence } = query.since ?? { store: EMPTY_STORE, sequence: 0 };
    const view = this.#view ?? new WallView(store, sequence);
    const asked = query.since ? formatCursor(query.since) : "";
    const key = `${formatCursor(view.cursor)}/${asked}/${query.limit}${this.#isSpare ? "/spare" : ""}`;
    return { etag: `W/"${key}"`, body: () => this.#serialise(key, view, query) };
  }

  /** The comment that a nonce names, as far as this isolate knows and may tell. */
  known(id: string, nonce: string): Comment | undefined {
    const isCopy = (comment: Comment) => comment.nonce === nonce && isSameMessage(comment.id, id);
    const shown = this.#view?.window.find(isCopy);
    // With the rebuilder away nobody says whether what is not shown was taken down.
    if (shown || this.#isSpare) return shown;
    const posted = this.#recentPosts.get(suffixOf(id));
    return posted && isCopy(posted) ? posted : undefined;
  }

  rememberPost(comment: Comment): void {
    if (comment.nonce !== undefined) this.#recentPosts.set(suffixOf(comment.id), comment);
  }

  /** Forgets a post, under whichever of its ids it went. */
  #forgetPost(id: string): void {
    const posted = this.#recentPosts.get(suffixOf(id));
    if (posted && isSameMessage(posted.id, id)) this.#recentPosts.delete(suffixOf(id));
  }

  /** All that an answer is made of, in short. */
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

/** The store of a wall that nobody could read yet: any real one is another. */
const EMPTY_STORE = "00000000";
