/**
 * The page's copy of the wall. Plain code without browser or clock: the simulation runs it
 * unchanged.
 *
 * Reads may overlap, arrive late, or come from a server that is behind. Three rules keep the copy
 * correct in any order:
 * - an answer with a smaller cursor of the same store adds nothing (its removals still apply, unless an
 *   undo came after them; only an answer with a larger cursor than a removal's brings its comment back);
 * - a delta counts only if it starts at or before our cursor, so that no change is skipped;
 * - a full answer counts only while one is needed, at the start and after a gap: a delta lists
 *   removals, a full answer only implies them. It then decides which ids in its span exist, if it is
 *   at or after our cursor.
 *
 * History pages only add comments: loaded ones are newer, or from the same source. Where older
 * messages may be missing there is a hole (client/wall/holes.ts): above the oldest loaded comment, and
 * where a gap occurred.
 */
import type { Comment } from "#schema/comment";
import { compareCursors, parseCursor } from "#schema/cursor";
import { compareIds, isSameMessage, suffixOf } from "#schema/id";
import { WINDOW_SIZE } from "#schema/limits";
import type { Read } from "#schema/read";
import { Listeners } from "../browser/listeners";
import { Holes } from "./holes";

/**
 * Limit of loaded comments: a long evening's reading, about 20 MB; beyond it the oldest are
 * evicted.
 */
export const HISTORY_MAX_COMMENTS = 30_000;

/**
 * Limit of remembered removed ids: twice the change log, beyond which no delta could bring one
 * back.
 */
export const REMOVED_MAX_IDS = 10_000;

/** Parameters of a read: none for the newest comments, a cursor for the changes since. */
export interface WallQuery {
  since?: string;
}

export interface WallSnapshot {
  /** Oldest first. The same array while nothing changes. */
  comments: readonly Comment[];
  /** Whether the wall has answered; an empty wall is loaded too. */
  loaded: boolean;
  /** Ids of comments before which older ones may be missing. */
  holes: ReadonlySet<string>;
  /** The limit is reached: older comments would be evicted on arrival. */
  full: boolean;
}

/** The part of the wall that a browser stores between visits. */
export interface KeptWall {
  cursor: string;
  /** Oldest first. */
  comments: readonly Comment[];
  holes: [id: string, before: string][];
}

export class WallStore {
  readonly #held = new Map<string, Comment>();
  /** Copies of one message have the same id suffix, and so has a message that is sent again a day later. */
  readonly #idsBySuffix = new Map<string, string[]>();
  /** Ids that were removed, and whether each is gone as of the last cursor that told of it. */
  readonly #removed = new Map<string, [isGone: boolean, cursor: string]>();
  /**
   * Our own comments, acknowledged but not in any read yet: absence from a read says nothing about
   * them.
   */
  readonly #unseen = new Set<string>();
  /** Ids added since the last snapshot. */
  #added = new Set<string>();
  readonly #holes = new Holes();
  readonly #listeners = new Listeners();
  #cursor: string | null = null;
  #startOver = false;
  #rebuiltAt = 0;
  #changed = false;
  /** The comments come from an earlier visit, and no delta has continued from them yet. */
  #isFromEarlierVisit = false;
  #snapshot: WallSnapshot = { comments: [], loaded: false, holes: new Set(), full: false };

  /** Time of the newest rebuild seen, by the server's clock; 0 before any answer. */
  get rebuiltAt(): number {
    return this.#rebuiltAt;
  }

  get cursor(): string | null {
    return this.#cursor;
  }

  readonly snapshot = (): WallSnapshot => this.#snapshot;

  readonly subscribe = this.#listeners.subscribe;

  get(id: string): Comment | undefined {
    return this.#held.get(id);
  }

  /** Shows the comments of an earlier visit, unless the wall has already answered. */
  restore({ cursor, comments, holes }: KeptWall): void {
    if (this.#snapshot.loaded || !parseCursor(cursor)) return;
    this.#cursor = cursor;
    this.#isFromEarlierVisit = true;
    this.#merge(comments);
    for (const [id, before] of holes) this.#holes.open(id, before);
    this.#load();
    this.#publish();
  }

  /** The newest `count` comments for the next visit; `null` while there is nothing to store. */
  keep(count: number): KeptWall | null {
    if (this.#cursor === null || this.#startOver) return null;
    const comments = this.#snapshot.comments.filter(({ id }) => !this.#unseen.has(id));
    const newest = comments.slice(-count);
    const [oldest] = newest;
    const holes = this.#holes
      .entries()
      .filter(([id]) => newest.some((comment) => comment.id === id));
    // The cut leaves a hole above the oldest.
    if (oldest && newest.length < comments.length) holes.push([oldest.id, oldest.id]);
    return { cursor: this.#cursor, comments: newest, holes };
  }

  /** The parameters of the next read. */
  query(): WallQuery {
    return this.#cursor === null || this.#startOver ? {} : { since: this.#cursor };
  }

  /** Merges the answer to `asked`. Returns `true` if the next read should follow at once. */
  accept(read: Read, asked: WallQuery): boolean {
    this.unchanged(read.rebuiltAt);
    for (const id of read.removed) this.#remove(id, read.cursor);
    let again = false;
    if (asked.since === undefined) this.#acceptFull(read);
    else again = this.#acceptDelta(read, asked.since);
    this.#publish();
    return again;
  }

  /** A `304`: only the rebuild time is new. */
  unchanged(rebuiltAt: number): void {
    this.#rebuiltAt = Math.max(this.#rebuiltAt, rebuiltAt);
  }

  /**
   * The `before` parameter that reads the messages missing before the comment `id`; `null` if none
   * are.
   */
  historyBefore(id: string): string | null {
    return this.#holes.before(id);
  }

  /**
   * Adds a page of history: all messages between its first and its last. `id` is the comment whose hole
   * it was read to fill, if the page begins right before that comment.
   */
  acceptHistory(read: Read, id?: string): void {
    if (id !== undefined && this.#holes.before(id) === null) return;
    const oldest = read.comments.at(-1)?.id;
    // Then the store already knows whether there is a hole above it.
    const isKnown = oldest !== undefined && this.#held.has(oldest);
    this.#merge(read.comments.filter((comment) => !this.#held.has(comment.id)));
    if (id !== undefined) this.#holes.close(id);
    for (const comment of read.comments) if (comment.id !== oldest) this.#holes.close(comment.id);
    const next = read.nextBefore ?? null;
    const edge = oldest ?? id;
    if (next === null) this.#holes.close(edge ?? "");
    else if (edge !== undefined && !isKnown) this.#holes.open(edge, next);
    this.#changed = true;
    this.#publish();
  }

  /** Shows our own comment once it is acknowledged, before any read has it. */
  confirm(comment: Comment): void {
    const { id } = comment;
    if (this.#isGone(id) || this.#held.has(id) || this.#copyOf(comment)) return;
    this.#unseen.add(id);
    this.#hold(comment);
    this.#publish();
  }

  /** Drops a comment that was taken down from here, before a read says so. */
  takenDown(id: string): void {
    this.#remove(id);
    this.#publish();
  }

  #acceptFull(read: Read): void {
    if (this.#cursor !== null && !this.#startOver) return;
    if (this.#isFromEarlierVisit) this.#forgetEarlierVisit();
    const order = compareCursors(read.cursor, this.#cursor ?? "");
    if (order !== null && order < 0) return;
    // A new store is refilled from a ledger that may lag, so absence from its answers proves
    // nothing.
    if (order !== null) this.#dropAbsent(read.comments);
    this.#tear(read);
    this.#merge(read.comments, read.cursor);
    this.#cursor = read.cursor;
    this.#startOver = false;
    this.#load();
  }

  #load(): void {
    if (this.#snapshot.loaded) return;
    this.#snapshot = { ...this.#snapshot, loaded: true };
    this.#changed = true;
  }

  /** A full answer that doesn't reach back to loaded comments leaves a hole between the two. */
  #tear({ comments, spare }: Read): void {
    const oldest = comments.at(-1);
    const isWhole = comments.length < WINDOW_SIZE && !spare;
    if (!oldest || isWhole || comments.some(({ id }) => this.#held.has(id))) return;
    this.#holes.open(oldest.id, oldest.id);
  }

  #acceptDelta(read: Read, since: string): boolean {
    const step = compareCursors(read.cursor, since);
    if (read.gap || step === null) {
      // We have moved on from this cursor, so its gap is no reason to start over.
      if (since !== this.#cursor) return false;
      this.#startOver = true;
      return true;
    }
    const start = compareCursors(since, this.#cursor ?? "");
    // From here on all three cursors are of one store.
    if (start === null || start > 0 || start + step < 0) return false;
    this.#merge(read.comments, read.cursor);
    this.#cursor = read.cursor;
    this.#isFromEarlierVisit = false;
    // Without progress, asking again would give the same answer forever.
    return read.more === true && start + step > 0;
  }

  /** `cursor`: that of a full answer or a delta. */
  #merge(comments: readonly Comment[], cursor?: string): void {
    for (const comment of comments) {
      if (this.#isGone(comment.id, cursor)) continue;
      // Nothing visible changes, but the comment can now be stored.
      if (this.#unseen.delete(comment.id)) this.#changed = true;
      // An answer holds only one copy of a message: the one that survived the merge.
      const copy = this.#copyOf(comment);
      if (copy) this.#drop(copy.id);
      this.#hold(comment);
    }
  }

  /** The stored visit is too old to continue from; its comments can be read again as history. */
  #forgetEarlierVisit(): void {
    this.#isFromEarlierVisit = false;
    for (const id of this.#held.keys()) if (!this.#unseen.has(id)) this.#drop(id);
    this.#holes.clear();
    this.#cursor = null;
  }

  /** Within the answer's span, comments that we have and it lacks were removed. */
  #dropAbsent(comments: readonly Comment[]): void {
    const ids = new Set(comments.map(({ id }) => id));
    const oldest = [...ids].sort(compareIds).at(-1);
    if (oldest === undefined) return;
    for (const id of this.#held.keys()) {
      if (!ids.has(id) && !this.#unseen.has(id) && compareIds(id, oldest) < 0) this.#drop(id);
    }
  }

  #hold(comment: Comment): void {
    const held = this.#held.get(comment.id);
    // An equal comment keeps its object identity, so that its row is not rendered again.
    if (held && JSON.stringify(held) === JSON.stringify(comment)) return;
    if (!held) this.#added.add(comment.id);
    this.#held.set(comment.id, comment);
    if (!held)
      this.#idsBySuffix.set(suffixOf(comment.id), [...this.#likeOf(comment.id), comment.id]);
    this.#changed = true;
  }

  /**
   * Whether a comment is gone, once an answer with this cursor has named it as removed or not. Only a later cursor
   * brings it back, and no earlier one removes it again.
   */
  #isGone(id: string, cursor = "", isRemoved = false): boolean {
    const [wasGone = false, told = ""] = this.#removed.get(id) ?? [];
    const order = compareCursors(cursor, told) ?? 0;
    if (isRemoved ? order < 0 : !wasGone || order <= 0) return wasGone;
    this.#removed.set(id, [isRemoved, cursor]);
    return isRemoved;
  }

  #remove(id: string, cursor?: string): void {
    if (this.#isGone(id, cursor, true)) this.#drop(id);
    const [oldest = ""] = this.#removed.keys();
    if (this.#removed.size > REMOVED_MAX_IDS) this.#removed.delete(oldest);
  }

  #drop(id: string): void {
    this.#unseen.delete(id);
    if (this.#held.delete(id)) this.#changed = true;
  }

  /**
   * A lost answer and a retry can store one message under two ids, until the rebuilder merges them.
   */
  #copyOf(comment: Comment): Comment | undefined {
    return this.#likeOf(comment.id)
      .map((id) => this.#held.get(id))
      .find((held) => held && isCopy(held, comment));
  }

  /** The held comments with the same suffix. */
  #likeOf(id: string): string[] {
    return (this.#idsBySuffix.get(suffixOf(id)) ?? []).filter((like) => this.#held.has(like));
  }

  #publish(): void {
    if (!this.#changed) return;
    this.#changed = false;
    const comments = this.#inOrder();
    const excess = comments.splice(0, Math.max(0, comments.length - HISTORY_MAX_COMMENTS));
    for (const { id } of excess) {
      this.#held.delete(id);
      if (this.#likeOf(id).length === 0) this.#idsBySuffix.delete(suffixOf(id));
      this.#unseen.delete(id);
    }
    const [oldest] = comments;
    if (oldest && excess.length > 0) this.#holes.open(oldest.id, oldest.id);
    this.#holes.settle(comments, (id) => this.#held.has(id));
    const full = comments.length >= HISTORY_MAX_COMMENTS;
    this.#snapshot = { ...this.#snapshot, comments, holes: this.#holes.ids(), full };
    this.#listeners.notify();
  }

  /**
   * All comments, oldest first. Merges the new ones into the previous order: sorting everything
   * again would be a long task.
   */
  #inOrder(): Comment[] {
    const added = [...this.#added].flatMap((id) => this.#held.get(id) ?? []);
    added.sort((a, b) => compareIds(b.id, a.id));
    const comments: Comment[] = [];
    let next = 0;
    for (const { id } of this.#snapshot.comments) {
      const held = this.#added.has(id) ? undefined : this.#held.get(id);
      if (!held) continue;
      for (; next < added.length; next += 1) {
        const earlier = added[next] as Comment;
        if (compareIds(earlier.id, id) < 0) break;
        comments.push(earlier);
      }
      comments.push(held);
    }
    this.#added = new Set();
    return comments.concat(added.slice(next));
  }
}

function isCopy(a: Comment, b: Comment): boolean {
  const isAlike = a.nonce !== undefined && a.nonce === b.nonce && a.type === b.type;
  // The same nonce a day later names another message.
  return isAlike && a.id !== b.id && isSameMessage(a.id, b.id);
}
