/**
 * What this page knows of the wall. Plain code, without browser or clock: the simulation runs it
 * unchanged.
 *
 * Reads may overlap, come late, or come from a server that is behind. Three rules keep the wall
 * whole whatever their order:
 * - an answer with a smaller cursor of the same store adds nothing (what it removes is still gone:
 *   a removal is never taken back);
 * - a delta counts only when it starts at or before our cursor, so that no change is skipped;
 * - a full answer counts only while one is needed, at the start and after a gap: a delta says what
 *   was removed, a full answer leaves that to be guessed. Then it speaks for the ids in its span,
 *   when it is at or after our cursor.
 */
import type { Comment } from "#schema/comment";
import { parseCursor } from "#schema/cursor";
import { compareIds, suffixOf } from "#schema/id";
import type { Read } from "#schema/read";

/** Comments kept: four windows, so that an evening's reading stays; beyond it the oldest go. */
export const HISTORY_MAX_COMMENTS = 2_000;

/** Removed ids remembered: twice the change log, beyond which no delta could bring one back. */
export const REMOVED_MAX_IDS = 10_000;

/** The parameters of a read: nothing for the newest comments, a cursor for the changes since. */
export interface WallQuery {
  since?: string;
}

export interface WallSnapshot {
  /** Oldest first, as they are shown. The same array as long as nothing changed. */
  comments: readonly Comment[];
  /** Whether the wall has answered at all; an empty wall is loaded, too. */
  loaded: boolean;
}

export class WallStore {
  readonly #held = new Map<string, Comment>();
  /** Copies of one message share their ids' suffix. */
  readonly #idBySuffix = new Map<string, string>();
  readonly #removed = new Set<string>();
  /** Our own, acknowledged but not in any read yet: absence from a read says nothing about them. */
  readonly #unseen = new Set<string>();
  readonly #listeners = new Set<() => void>();
  #cursor: string | null = null;
  #startOver = false;
  #rebuiltAt = 0;
  #changed = false;
  #snapshot: WallSnapshot = { comments: [], loaded: false };

  /** When the newest rebuild that we heard of ran, by the server's clock; 0 before any answer. */
  get rebuiltAt(): number {
    return this.#rebuiltAt;
  }

  get cursor(): string | null {
    return this.#cursor;
  }

  readonly snapshot = (): WallSnapshot => this.#snapshot;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** What to ask next. */
  query(): WallQuery {
    return this.#cursor === null || this.#startOver ? {} : { since: this.#cursor };
  }

  /** Merges the answer to `asked`. `true` when there is more to ask for at once. */
  accept(read: Read, asked: WallQuery): boolean {
    this.unchanged(read.rebuiltAt);
    for (const id of read.removed) this.#remove(id);
    let again = false;
    if (asked.since === undefined) this.#acceptFull(read);
    else again = this.#acceptDelta(read, asked.since);
    this.#publish();
    return again;
  }

  /** A `304`: nothing but the time of the rebuild. */
  unchanged(rebuiltAt: number): void {
    this.#rebuiltAt = Math.max(this.#rebuiltAt, rebuiltAt);
  }

  /** Shows our own comment from its acknowledgement on, before any read has it. */
  confirm(comment: Comment): void {
    const { id } = comment;
    if (this.#removed.has(id) || this.#held.has(id) || this.#copyOf(comment)) return;
    this.#unseen.add(id);
    this.#hold(comment);
    this.#publish();
  }

  #acceptFull(read: Read): void {
    if (this.#cursor !== null && !this.#startOver) return;
    const order = this.#cursor === null ? null : compareCursors(read.cursor, this.#cursor);
    if (order !== null && order < 0) return;
    // A new store is filled again from a ledger that may lag: it adds, and its gaps prove nothing.
    if (order !== null) this.#dropAbsent(read.comments);
    this.#merge(read.comments);
    this.#cursor = read.cursor;
    this.#startOver = false;
    if (this.#snapshot.loaded) return;
    this.#snapshot = { ...this.#snapshot, loaded: true };
    this.#changed = true;
  }

  #acceptDelta(read: Read, since: string): boolean {
    const step = compareCursors(read.cursor, since);
    if (read.gap || step === null) {
      // The answer to a question that we have moved on from is no reason to start over.
      if (since !== this.#cursor) return false;
      this.#startOver = true;
      return true;
    }
    if (this.#cursor === null) return false;
    const start = compareCursors(since, this.#cursor);
    const advance = compareCursors(read.cursor, this.#cursor);
    if (start === null || start > 0 || advance === null || advance < 0) return false;
    this.#merge(read.comments);
    this.#cursor = read.cursor;
    // Without an advance, asking again would only give the same answer, forever.
    return read.more === true && advance > 0;
  }

  #merge(comments: readonly Comment[]): void {
    for (const comment of comments) {
      if (this.#removed.has(comment.id)) continue;
      this.#unseen.delete(comment.id);
      // No answer shows two copies of a message: the one that it shows is the one that stayed.
      const copy = this.#copyOf(comment);
      if (copy) this.#drop(copy.id);
      this.#hold(comment);
    }
  }

  /** From the answer's oldest comment on, what we hold and it does not was removed. */
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
    // An equal comment keeps its identity, so that nothing is drawn again.
    if (held && JSON.stringify(held) === JSON.stringify(comment)) return;
    this.#held.set(comment.id, comment);
    this.#idBySuffix.set(suffixOf(comment.id), comment.id);
    this.#changed = true;
  }

  #remove(id: string): void {
    this.#drop(id);
    this.#removed.add(id);
    for (const oldest of this.#removed) {
      if (this.#removed.size <= REMOVED_MAX_IDS) break;
      this.#removed.delete(oldest);
    }
  }

  #drop(id: string): void {
    this.#unseen.delete(id);
    if (this.#held.delete(id)) this.#changed = true;
  }

  /** A lost answer and a retry can give one message two ids, until the rebuilder has merged them. */
  #copyOf(comment: Comment): Comment | undefined {
    const held = this.#held.get(this.#idBySuffix.get(suffixOf(comment.id)) ?? "");
    return held && isCopy(held, comment) ? held : undefined;
  }

  #publish(): void {
    if (!this.#changed) return;
    this.#changed = false;
    const comments = [...this.#held.values()].sort((a, b) => compareIds(b.id, a.id));
    for (const { id } of comments.splice(0, comments.length - HISTORY_MAX_COMMENTS)) {
      this.#held.delete(id);
      this.#idBySuffix.delete(suffixOf(id));
      this.#unseen.delete(id);
    }
    this.#snapshot = { ...this.#snapshot, comments };
    for (const listener of this.#listeners) listener();
  }
}

function isCopy(a: Comment, b: Comment): boolean {
  return a.nonce !== undefined && a.nonce === b.nonce && a.type === b.type && a.id !== b.id;
}

/** Negative when `a` is before `b`; `null` when they are of two stores, so that neither is. */
function compareCursors(a: string, b: string): number | null {
  const [first, second] = [parseCursor(a), parseCursor(b)];
  if (!first || !second || first.store !== second.store) return null;
  return first.sequence - second.sequence;
}
