/**
 * The newest comments and the changes that led to them: the state that the single writer makes,
 * and that every copy of it (an entrypoint's memory, the published spare) reproduces by applying
 * the same changes in the same order.
 */
import { bytesOfChange } from "./bytes";
import type { Change, Sync } from "./change";
import type { Comment } from "./comment";
import { type Cursor, formatCursor } from "./cursor";
import { compareIds } from "./id";
import { CHANGE_LOG_BYTES_MAX, CHANGE_LOG_SIZE, WINDOW_SIZE } from "./limits";
import type { Read } from "./read";

/** A read before the answering server adds when it was rebuilt. */
export type ReadCore = Omit<Read, "rebuiltAt" | "spare">;

export class WallView {
  readonly store: string;
  #sequence: number;
  /** Newest first. */
  #window: Comment[];
  /** Oldest first, without holes in their sequences. */
  #log: Change[] = [];
  /** The memory that the log takes. */
  #logBytes = 0;

  /** `window` newest first; `log` oldest first, its last change the one of `sequence`. */
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

  /** Changes after this sequence are in the log. */
  get floor(): number {
    return this.#sequence - this.#log.length;
  }

  /** Takes the next change. @throws when it is not the next one: a copy must never skip. */
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

  /** Takes an answer to `sync`: true when the view now stands where the sender stood. */
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

  /** The changes after `since`, each id once as it was at the answer's cursor. */
  changesSince(since: Cursor, limit: number): ReadCore {
    if (since.store !== this.store || since.sequence < this.floor) {
      return { comments: [], removed: [], cursor: formatCursor(this.cursor), gap: true };
    }
    const changes = this.logSince(since.sequence).slice(0, limit);
    const cut = changes.at(-1)?.sequence ?? since.sequence;
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
    const cursor = formatCursor({ store: this.store, sequence: cut });
    const read = { comments, removed, cursor, gap: false };
    return cut < this.#sequence ? { ...read, more: true } : read;
  }

  /** The changes after a sequence that is not under the floor, oldest first. */
  logSince(sequence: number): Change[] {
    return sequence >= this.#sequence ? [] : this.#log.slice(sequence - this.floor);
  }

  /**
   * Puts older changes before those held, so that older cursors can be answered; none that end
   * before those held begin, as an answer does that is older than the view.
   */
  #extendLog(changes: Change[]): void {
    const older = changes.filter(({ sequence }) => sequence <= this.floor);
    if (older.at(-1)?.sequence !== this.floor) return;
    const gone = new Set(
      this.#log.flatMap((change) => ("removed" in change ? change.removed : [])),
    );
    this.#keepLog([...older, ...this.#log]);
    // An answer that is a little older may still have what was taken down since.
    for (const change of older)
      if ("comment" in change && gone.has(change.comment.id)) this.#forget(change.comment.id);
  }

  /** Takes what a comment said out of the log: also who reads the log in parts is told no more of it. */
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

  /** Lets go of the oldest changes for which there is no room. */
  #cutLog(): void {
    let cut = 0;
    let bytes = this.#logBytes;
    while (this.#log.length - cut > CHANGE_LOG_SIZE || bytes > CHANGE_LOG_BYTES_MAX) {
      bytes -= bytesOfChange(this.#log[cut] as Change);
      cut += 1;
    }
    this.#logBytes = bytes;
    // Mostly one, for which this is far quicker than a slice.
    if (cut === 1) this.#log.shift();
    else if (cut > 1) this.#log = this.#log.slice(cut);
  }

  #put(comment: Comment): void {
    const index = lowerBound(this.#window, comment.id);
    const holds = this.#window[index]?.id === comment.id;
    this.#window.splice(index, holds ? 1 : 0, comment);
    if (this.#window.length > WINDOW_SIZE) this.#window.pop();
  }

  #remove(id: string): void {
    const index = lowerBound(this.#window, id);
    if (this.#window[index]?.id === id) this.#window.splice(index, 1);
  }
}

/** The index at which `id` stands, or would stand, in comments that are newest first. */
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
