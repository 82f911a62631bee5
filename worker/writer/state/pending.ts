/**
 * The comments that wait for a bot: the newest 10,000 unprocessed ones of the last 24 hours, or fewer if they are
 * long.
 */
import { bytesOf } from "#schema/bytes";
import type { StoredComment } from "#schema/comment";
import { compareIds, timestampOf } from "#schema/id";
import {
  PENDING_ANSWER_BYTES_MAX,
  PENDING_BYTES_MAX,
  PENDING_LIFETIME_MS,
  PENDING_SIZE,
} from "#schema/limits";
import type { PendingQuery } from "#schema/read";
import { compareUrgency } from "#schema/urgency";
import { insertAt, removeAt } from "./ends";

export class Pending {
  /** Oldest first: additions and evictions happen at the ends of the list, where they are fast. */
  readonly #byAge: StoredComment[] = [];
  /** In the order in which bots should take them. */
  readonly #byUrgency: StoredComment[] = [];
  readonly #byId = new Map<string, StoredComment>();
  #bytes = 0;
  /** Number of comments dropped unprocessed: for lack of room, or too old. */
  dropped = 0;

  get size(): number {
    return this.#byAge.length;
  }

  /** Oldest first. */
  get comments(): readonly StoredComment[] {
    return this.#byAge;
  }

  get(id: string): StoredComment | undefined {
    return this.#byId.get(id);
  }

  put(comment: StoredComment, now: number): void {
    if (comment.timestamp < now - PENDING_LIFETIME_MS) return;
    this.remove(comment.id);
    this.#byId.set(comment.id, comment);
    insertAt(this.#byAge, placeIn(this.#byAge, comment, compareAge), comment);
    insertAt(this.#byUrgency, placeIn(this.#byUrgency, comment, compareUrgency), comment);
    this.#bytes += bytesOf(comment);
    while (this.size > PENDING_SIZE || this.#bytes > PENDING_BYTES_MAX) this.#dropOldest();
  }

  remove(id: string): void {
    const comment = this.#byId.get(id);
    if (!comment) return;
    this.#byId.delete(id);
    removeAt(this.#byAge, placeIn(this.#byAge, comment, compareAge));
    removeAt(this.#byUrgency, placeIn(this.#byUrgency, comment, compareUrgency));
    this.#bytes -= bytesOf(comment);
  }

  /**
   * The most urgent comments that are not `taken` at `now`: highest priority first, then oldest. Fewer than `limit`
   * if they are long, but at least one.
   */
  next({ entity, limit }: PendingQuery, now: number, taken: ReadonlySet<string>): StoredComment[] {
    const next: StoredComment[] = [];
    let bytes = 0;
    for (const comment of this.#byUrgency) {
      if (next.length >= limit) break;
      const { entity: wanted } = comment.botParams;
      const isForEntity = entity === undefined || wanted === undefined || wanted === entity;
      const isYoung = comment.timestamp >= now - PENDING_LIFETIME_MS;
      if (!isForEntity || !isYoung || taken.has(comment.id)) continue;
      bytes += bytesOf(comment);
      if (bytes > PENDING_ANSWER_BYTES_MAX && next.length > 0) break;
      next.push(comment);
    }
    return next;
  }

  forgetBefore(time: number): void {
    for (let [oldest] = this.#byAge; oldest; [oldest] = this.#byAge) {
      if (timestampOf(oldest.id) >= time) return;
      this.#dropOldest();
    }
  }

  #dropOldest(): void {
    const [oldest] = this.#byAge;
    if (!oldest) return;
    this.remove(oldest.id);
    this.dropped += 1;
  }
}

function compareAge(a: StoredComment, b: StoredComment): number {
  return compareIds(b.id, a.id);
}

/** The index of a comment in a list of that order, or the index to insert it at. */
function placeIn(
  list: readonly StoredComment[],
  comment: StoredComment,
  compare: (a: StoredComment, b: StoredComment) => number,
): number {
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (compare(list[middle] as StoredComment, comment) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}
