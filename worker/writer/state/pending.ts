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
   * if they are long.
   *
   * With an entity, at least half of the answer is for its own comments, and the rest for those that are for nobody, as
   * far as there are any: neither waits behind the other.
   */
  next(
    { entity, addressed, limit }: PendingQuery,
    now: number,
    taken: ReadonlySet<string>,
  ): StoredComment[] {
    const oldest = now - PENDING_LIFETIME_MS;
    const isFree = ({ id, timestamp }: StoredComment) => timestamp >= oldest && !taken.has(id);
    const answer = new Answer(limit);
    if (entity === undefined) return answer.fill(this.#byUrgency, isFree);
    const isOwn = (comment: StoredComment) =>
      comment.botParams.entity === entity && isFree(comment);
    if (addressed) return answer.fill(this.#byUrgency, isOwn);
    const isForNobody = (comment: StoredComment) =>
      comment.botParams.entity === undefined && isFree(comment);
    answer.fill(this.#byUrgency, isOwn, 0.5);
    answer.fill(this.#byUrgency, isForNobody);
    return answer.fill(this.#byUrgency, isOwn).sort(compareUrgency);
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

/** An answer that is being filled, up to a number of comments and of bytes. */
class Answer {
  readonly #limit: number;
  readonly #comments = new Set<StoredComment>();
  #bytes = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Adds the first wanted comments until this share of the answer, from 0 to 1, is full. */
  fill(
    comments: readonly StoredComment[],
    isWanted: (comment: StoredComment) => boolean,
    share = 1,
  ): StoredComment[] {
    const limit = Math.ceil(share * this.#limit);
    for (const comment of comments) {
      if (this.#comments.size >= limit) break;
      if (!isWanted(comment) || this.#comments.has(comment)) continue;
      const bytes = this.#bytes + bytesOf(comment);
      if (bytes > share * PENDING_ANSWER_BYTES_MAX) break;
      this.#comments.add(comment);
      this.#bytes = bytes;
    }
    return [...this.#comments];
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
