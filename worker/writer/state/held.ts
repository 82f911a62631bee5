/** The newest comments that the rebuilder knows, well beyond the window. */
import { bytesOf, COMMENT_BYTES_MAX } from "#schema/bytes";
import type { StoredComment } from "#schema/comment";
import { compareIds } from "#schema/id";
import { CHANGE_LOG_BYTES_MAX, WINDOW_SIZE } from "#schema/limits";
import { lowerBound } from "#schema/view/wall-view";
import { insertAt, removeAt } from "./ends";

/**
 * 5,000, five times the 1,000 keys that a rebuild lists: even a list that lags by a minute at 1,000 messages a
 * minute names no comment that was known and then evicted.
 */
export const HELD_SIZE = 10 * WINDOW_SIZE;

/** Memory bound of the held comments; fewer are held if they are long. Most of them are in the change log, too. */
export const HELD_BYTES_MAX = CHANGE_LOG_BYTES_MAX;

export class Held {
  /** Newest first. */
  readonly #comments: StoredComment[] = [];
  readonly #byId = new Map<string, StoredComment>();
  #bytes = 0;

  get size(): number {
    return this.#comments.length;
  }

  get comments(): readonly StoredComment[] {
    return this.#comments;
  }

  get(id: string): StoredComment | undefined {
    return this.#byId.get(id);
  }

  /** Whether `id` is older than every held comment and there is no room left. */
  isBeyond(id: string): boolean {
    const oldest = this.#comments.at(-1);
    return this.#isFull && oldest !== undefined && compareIds(id, oldest.id) > 0;
  }

  /** At most `max` comments after one id, up to and including another or to the end, newest first. */
  between(after: string, until: string | undefined, max: number): StoredComment[] {
    const start = lowerBound(this.#comments, after);
    const first = this.#comments[start]?.id === after ? start + 1 : start;
    const stretch = this.#comments.slice(first, first + max);
    return until === undefined ? stretch : stretch.filter(({ id }) => compareIds(id, until) <= 0);
  }

  /** A comment with up to `each` comments on either side, newest first; none if it is not held. */
  around(id: string, each: number): StoredComment[] {
    if (!this.#byId.has(id)) return [];
    const at = lowerBound(this.#comments, id);
    return this.#comments.slice(Math.max(0, at - each), at + each + 1);
  }

  /** Adds or replaces a comment. Evicts the oldest ones to make room, but none of the window. */
  put(comment: StoredComment): void {
    this.remove(comment.id);
    insertAt(this.#comments, lowerBound(this.#comments, comment.id), comment);
    this.#byId.set(comment.id, comment);
    this.#bytes += bytesOf(comment);
    while (this.size > HELD_SIZE || (this.#bytes > HELD_BYTES_MAX && this.size > WINDOW_SIZE))
      this.remove((this.#comments.at(-1) as StoredComment).id);
  }

  remove(id: string): void {
    const comment = this.#byId.get(id);
    if (!comment) return;
    this.#byId.delete(id);
    removeAt(this.#comments, lowerBound(this.#comments, id));
    this.#bytes -= bytesOf(comment);
  }

  /** Whether there is no room for another comment, however short: an evicted one must not come back. */
  get #isFull(): boolean {
    const hasNoBytes = this.#bytes > HELD_BYTES_MAX - COMMENT_BYTES_MAX;
    return this.size >= HELD_SIZE || (hasNoBytes && this.size >= WINDOW_SIZE);
  }
}
