/**
 * Tracks how far the reader has read: the newest message that was at the bottom of a visible page.
 */
import type { Comment } from "#schema/comment";
import { compareIds } from "#schema/id";
import { Listeners } from "../browser/listeners";

export interface Mark {
  /** The newest read comment; `null` before any. */
  readId: string | null;
  /** `readId` when the reader last left; the unread line stands after it. */
  lineId: string | null;
}

export class ReadMark {
  readonly #listeners = new Listeners();
  #mark: Mark = { readId: null, lineId: null };

  readonly snapshot = (): Mark => this.#mark;

  readonly subscribe = this.#listeners.subscribe;

  /** Restores the mark of an earlier visit. */
  restore(id: string): void {
    this.#set({ readId: id, lineId: id });
  }

  /** The bottom, with the comment `newest`, is in view. Another tab may have read further already. */
  read(newest: string): void {
    const { readId } = this.#mark;
    if (readId === null || compareIds(newest, readId) < 0)
      this.#set({ ...this.#mark, readId: newest });
  }

  /** The reader scrolled up or left the tab: later messages count as new. */
  leave(): void {
    if (this.#mark.lineId !== this.#mark.readId)
      this.#set({ ...this.#mark, lineId: this.#mark.readId });
  }

  /** The reader sent a message: the unread line disappears. */
  catchUp(): void {
    this.#set({ ...this.#mark, lineId: null });
  }

  #set(mark: Mark): void {
    this.#mark = mark;
    this.#listeners.notify();
  }
}

/** Number of comments after `readId`, excluding one's own. `comments` oldest first. */
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
