/**
 * The newest comments and the changes that led to them. The single writer creates this state; every
 * copy of it (an entrypoint's memory, the published spare) reproduces it by applying the same
 * changes in the same order.
 */
import { bytesOfChange } from "../bytes";
import type { Change, Sync } from "../change";
import type { Comment } from "../comment";
import { type Cursor, formatCursor } from "../cursor";
import { compareIds } from "../id";
import { CHANGE_LOG_BYTES_MAX, CHANGE_LOG_SIZE, WINDOW_SIZE } from "../limits";
import type { Read } from "../read";

/** A read without `rebuiltAt` and `spare`, which the answering server adds. */
export type ReadCore = Omit<Read, "rebuiltAt" | "spare">;

export class WallView {
  readonly store: string;
  #sequence: number;
  /** Newest first. */
  #window: Comment[];
  /** Oldest first, with consecutive sequences. */
  #log: Change[] = [];
  /** Memory that the log takes, in bytes. */
  #logBytes = 0;

  /** `window` is newest first. `log` is oldest first, and its last change has the number `sequence`. */
  constructor(store: string, sequence: number, window: Comment[] = [], log: Change[] = []) {
    this.store = store;
    this.#sequence = sequence;
    this.#window = window.slice(0, WINDOW_SIZE);
    this.#keepLog([...log]);
  }

  get sequence(): number {
    return this.#sequence;
  }

  get window(): readonly Comment[] {
    return this.#window;
  }

  get cursor(): Cursor {
    return { store: this.store, sequence: this.#sequence };
  }

  /** The log contains exactly the changes after this sequence. */
  get floor(): number {
    return this.#sequence - this.#log.length;
  }

  /** Applies the next change. @throws if it is not the next one: a copy must never skip a change. */
  apply(change: Change): void {
    if (change.sequence !== this.#sequence + 1)
      throw new Error(`change ${change.sequence} does not follow ${this.#sequence}`);
    this.#sequence = change.sequence;
    if ("removed" in change) this.#forget(change.removed);
    this.#log.push(change);
    this.#logBytes += bytesOfChange(change);
    this.#cutLog();
    if ("removed" in change) this.#remove(change.removed);
    else this.#put(change.comment);
  }

  /** Applies an answer to `sync`. Returns whether the view is now as new as the answer, or newer. */
  absorb(sync: Sync): boolean {
    if (sync.store !== this.store || !sync.changes) return false;
    const [first] = sync.changes;
    if (first && first.sequence <= this.floor) this.#extendLog(sync.changes);
    for (const change of sync.changes) if (change.sequence > this.#sequence) this.apply(change);
    return this.#sequence >= sync.sequence;
  }

  newest(limit: number): ReadCore {
    return {
      comments: this.#window.slice(0, limit),
      removed: [],
      cursor: formatCursor(this.cursor),
      gap: false,
    };
  }

  /**
   * The first `limit` changes after `since`. Each id appears once, in its state at the answer's
   * cursor.
   */
  changesSince(since: Cursor, limit: number): ReadCore {
    if (since.store !== this.store || since.sequence < this.floor) {
      return { comments: [], removed: [], cursor: formatCursor(this.cursor), gap: true };
    }
    const changes = this.logSince(since.sequence).slice(0, limit);
    const end = changes.at(-1)?.sequence ?? since.sequence;
    const last = new Map<string, Change>();
    for (const change of changes) {
      const id = "removed" in change ? change.removed : change.comment.id;
      last.delete(id);
      last.set(id, change);
    }
    const comments: Comment[] = [];
    const removed: string[] = [];
    for (const change of last.values()) {
      if ("removed" in change) removed.push(change.removed);
      else comments.push(change.comment);
    }
    const cursor = formatCursor({ store: this.store, sequence: end });
    const read = { comments, removed, cursor, gap: false };
    return end < this.#sequence ? { ...read, more: true } : read;
  }

  /** The changes after a sequence at or above the floor, oldest first. */
  logSince(sequence: number): Change[] {
    return sequence >= this.#sequence ? [] : this.#log.slice(sequence - this.floor);
  }

  /**
   * Prepends older changes to the log, so that the view can answer older cursors. Ignores them if
   * they end before the log begins, as those of an answer older than the view do.
   */
  #extendLog(changes: Change[]): void {
    const older = changes.filter(({ sequence }) => sequence <= this.floor);
    if (older.at(-1)?.sequence !== this.floor) return;
    const gone = new Set(
      this.#log.flatMap((change) => ("removed" in change ? change.removed : [])),
    );
    // An answer slightly older than the view may contain comments that were removed in between. If such a removal was
    // undone, the view's own log has the comment again.
    const erased = older.map((change) =>
      "comment" in change && gone.has(change.comment.id)
        ? { sequence: change.sequence, removed: change.comment.id }
        : change,
    );
    this.#keepLog([...erased, ...this.#log]);
  }

  /** Replaces a comment in the log by its removal, so that no later answer contains its text. */
  #forget(id: string): void {
    for (const [index, change] of this.#log.entries()) {
      if (!("comment" in change) || change.comment.id !== id) continue;
      const forgotten = { sequence: change.sequence, removed: id };
      this.#log[index] = forgotten;
      this.#logBytes += bytesOfChange(forgotten) - bytesOfChange(change);
    }
  }

  #keepLog(log: Change[]): void {
    this.#log = log;
    this.#logBytes = log.reduce((sum, change) => sum + bytesOfChange(change), 0);
    this.#cutLog();
  }

  /** Drops the oldest changes that exceed the limits. */
  #cutLog(): void {
    let cut = 0;
    let bytes = this.#logBytes;
    while (this.#log.length - cut > CHANGE_LOG_SIZE || bytes > CHANGE_LOG_BYTES_MAX) {
      bytes -= bytesOfChange(this.#log[cut] as Change);
      cut += 1;
    }
    this.#logBytes = bytes;
    // Usually one change is cut: `shift` is then far quicker than `slice`.
    if (cut === 1) this.#log.shift();
    else if (cut > 1) this.#log = this.#log.slice(cut);
  }

  #put(comment: Comment): void {
    const index = lowerBound(this.#window, comment.id);
    const isHeld = this.#window[index]?.id === comment.id;
    this.#window.splice(index, isHeld ? 1 : 0, comment);
    if (this.#window.length > WINDOW_SIZE) this.#window.pop();
  }

  #remove(id: string): void {
    const index = lowerBound(this.#window, id);
    if (this.#window[index]?.id === id) this.#window.splice(index, 1);
  }
}

/** The index of `id` in comments that are newest first, or the index at which to insert it. */
export function lowerBound(comments: readonly { id: string }[], id: string): number {
  let low = 0;
  let high = comments.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const at = comments[middle] as { id: string };
    if (compareIds(at.id, id) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}
