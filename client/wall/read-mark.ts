/** How far a reader has read, as far as a page can know: what was at the bottom of a page in view. */
import type { Comment } from "#schema/comment";
import { compareIds } from "#schema/id";
import { Listeners } from "../browser/listeners";

export interface Mark {
  /** The newest comment that was read; `null` before any. */
  readId: string | null;
  /** What was read when the reader last left: the line stands after it. */
  lineId: string | null;
}

export class ReadMark {
  readonly #listeners = new Listeners();
  #mark: Mark = { readId: null, lineId: null };

  readonly snapshot = (): Mark => this.#mark;

  readonly subscribe = this.#listeners.subscribe;

  /** Where an earlier visit left off. */
  restore(id: string): void {
    this.#set({ readId: id, lineId: id });
  }

  /** The reader has the bottom in view, and `newest` there. */
  read(newest: string): void {
    if (this.#mark.readId !== newest) this.#set({ ...this.#mark, readId: newest });
  }

  /** The reader looks elsewhere: what comes from now on is new. */
  leave(): void {
    if (this.#mark.lineId !== this.#mark.readId)
      this.#set({ ...this.#mark, lineId: this.#mark.readId });
  }

  /** The reader has caught up, and wrote something. */
  catchUp(): void {
    this.#set({ ...this.#mark, lineId: null });
  }

  #set(mark: Mark): void {
    this.#mark = mark;
    this.#listeners.notify();
  }
}

/** What came after `readId` that is not one's own. `comments` oldest first. */
export function countUnread(
  comments: readonly Comment[],
  readId: string | null,
  isOwn: (id: string) => boolean,
): number {
  if (readId === null) return 0;
  let count = 0;
  for (let index = comments.length - 1; index >= 0; index -= 1) {
    const { id } = comments[index] as Comment;
    if (compareIds(id, readId) >= 0) break;
    if (!isOwn(id)) count += 1;
  }
  return count;
}
