/** The newest comments that the rebuilder knows, well beyond the window. */
import type { StoredComment } from "#schema/comment";
import { compareIds } from "#schema/id";
import { WINDOW_SIZE } from "#schema/limits";
import { lowerBound } from "#schema/wall-view";

/**
 * 5,000, five times the 1,000 keys that a rebuild lists, so that a list that lags by a minute at 1,000
 * messages a minute still names nothing that was known and let go.
 */
export const HELD_SIZE = 10 * WINDOW_SIZE;

export class Held {
  /** Newest first. */
  readonly #comments: StoredComment[] = [];
  readonly #byId = new Map<string, StoredComment>();

  get size(): number {
    return this.#comments.length;
  }

  get comments(): readonly StoredComment[] {
    return this.#comments;
  }

  get(id: string): StoredComment | undefined {
    return this.#byId.get(id);
  }

  /** Whether `id` is older than everything held while there is no more room. */
  isBeyond(id: string): boolean {
    const oldest = this.#comments.at(-1);
    return this.size >= HELD_SIZE && oldest !== undefined && compareIds(id, oldest.id) > 0;
  }

  /** At most `max` comments after one id, up to and including another or to the end, newest first. */
  between(after: string, until: string | undefined, max: number): StoredComment[] {
    const start = lowerBound(this.#comments, after);
    const first = this.#comments[start]?.id === after ? start + 1 : start;
    const stretch = this.#comments.slice(first, first + max);
    return until === undefined ? stretch : stretch.filter(({ id }) => compareIds(id, until) <= 0);
  }

  /** Adds or replaces. Returns what fell off the end to make room. */
  put(comment: StoredComment): StoredComment | undefined {
    const index = lowerBound(this.#comments, comment.id);
    this.#comments.splice(index, this.#byId.has(comment.id) ? 1 : 0, comment);
    this.#byId.set(comment.id, comment);
    if (this.size <= HELD_SIZE) return undefined;
    const dropped = this.#comments.pop() as StoredComment;
    this.#byId.delete(dropped.id);
    return dropped;
  }

  remove(id: string): void {
    if (!this.#byId.delete(id)) return;
    this.#comments.splice(lowerBound(this.#comments, id), 1);
  }
}
