/**
 * Checks claims, pending comments and bots' answers: invariant 6, and 5 for pending comments. A comment has at most
 * one live claim, by the rebuilder's own clock.
 */
import type { Comment } from "#schema/comment";
import { suffixOf } from "#schema/id";
import { NONCE_LIFETIME_MS, PENDING_LIFETIME_MS } from "#schema/limits";
import type { PendingQuery } from "#schema/read";
import type { History } from "./history";
import type { RemovalChecker } from "./removals";
import type { Verdict } from "./violation";

/** How far two clocks may be apart: each is at most 2 s off. */
const CLOCK_ERROR_MS = 4_000;

interface Granted {
  bot: string;
  until: number;
  /** Its bot has begun to release it; whether that took effect is unknown. */
  mayBeReleased: boolean;
  /** The rebuilder's clock has passed `until`, even if it was set back since. */
  isExpired: boolean;
}

/** Whether a comment may have left the queue for its age, by a clock that is a little ahead. */
function mayBeForgotten(timestamp: number, clock: number): boolean {
  return timestamp < clock - PENDING_LIFETIME_MS + CLOCK_ERROR_MS;
}

export class ClaimChecker {
  readonly #verdict: Verdict;
  readonly #history: History;
  readonly #removals: RemovalChecker;
  readonly #granted = new Map<string, Granted>();

  constructor(verdict: Verdict, history: History, removals: RemovalChecker) {
    this.#verdict = verdict;
    this.#removals = removals;
    this.#history = history;
  }

  /** Checks a claim that the rebuilder granted at `clock`, by its own clock. It took the request at `takenAt`. */
  granted(comment: Comment, clock: number, takenAt: number): void {
    const { id, botParams } = comment;
    this.#removals.expectGone("a claim", [comment], takenAt);
    const { claimedBy: bot = "", claimedUntil: until = 0 } = botParams;
    const before = this.#granted.get(id);
    // Marking a comment processed ends its claim. If that mark is undone, any bot may claim the comment.
    // So does a removal, which may be undone.
    const mayBeEnded =
      before?.mayBeReleased ||
      this.#history.flags.mayBeOpenAgain(id) ||
      this.#removals.wasUndone(id);
    const isFree =
      !before || before.bot === bot || before.until <= clock || before.isExpired || mayBeEnded;
    const words = () => `${id} is claimed by ${bot} while ${before?.bot} still has it`;
    this.#verdict.expect(6, isFree, words, id);
    const isProcessed = this.#history.flags.at(id, takenAt) === true;
    this.#verdict.expect(
      6,
      !isProcessed,
      () => `${id} was processed, but ${bot} could claim it`,
      id,
    );
    this.#verdict.expect(
      6,
      until > clock,
      () => `${id} is claimed until ${until}, which is in the past`,
      id,
    );
    this.#granted.set(id, { bot, until, mayBeReleased: false, isExpired: false });
  }

  /** The rebuilder's clock showed `latest` before it was set: the claims that had expired by then are over. */
  expired(latest: number): void {
    for (const claim of this.#granted.values()) if (claim.until <= latest) claim.isExpired = true;
  }

  /** A bot begins to release a message, by any of its ids: copies of one message share their suffix. */
  releasing(id: string, bot: string): void {
    for (const [claimed, claim] of this.#granted)
      if (claim.bot === bot && suffixOf(claimed) === suffixOf(id)) claim.mayBeReleased = true;
  }

  /** Checks an answer to a request for pending comments, sent at `startedAt`. */
  pending(
    comments: readonly Comment[],
    startedAt: number,
    { entity, addressed }: Pick<PendingQuery, "entity" | "addressed">,
  ): void {
    this.#removals.expectGone("the pending comments", comments, startedAt);
    let previous: Comment | undefined;
    for (const comment of comments) {
      const { id, botParams } = comment;
      this.#history.expectSent(comment);
      const isInOrder = !previous || isSooner(previous, comment);
      this.#verdict.expect(6, isInOrder, () => `${id} is pending out of order`, id);
      const isUnprocessed =
        botParams.processed === false && this.#history.flags.at(id, startedAt) !== true;
      this.#verdict.expect(5, isUnprocessed, () => `${id} was processed but is pending`, id);
      const { entity: wanted } = botParams;
      const isForAnybody = entity === undefined || (wanted === undefined && !addressed);
      const words = () => `${entity} was given ${id}, which is for ${wanted}`;
      this.#verdict.expect(6, isForAnybody || wanted === entity, words, id);
      previous = comment;
    }
  }

  /**
   * Checks, once all faults are over, that every unprocessed, unclaimed comment of `found` is pending. `pending` is the
   * answer to a request for at most `limit` comments at `clock`.
   */
  allPending(
    pending: readonly Comment[],
    limit: number,
    found: ReadonlyMap<string, Comment | null>,
    clock: number,
  ): void {
    const ids = new Set(pending.map(({ id }) => id));
    // A full answer has no room for comments that come after its last one.
    const last = pending.length < limit ? undefined : pending.at(-1);
    for (const comment of found.values()) {
      const { processed, claimedUntil = 0 } = comment?.botParams ?? {};
      if (!comment || processed !== false || claimedUntil > clock - CLOCK_ERROR_MS) continue;
      if (mayBeForgotten(comment.timestamp, clock)) continue;
      const isLater = !!last && isSooner(last, comment);
      const words = () => `${comment.id} is unprocessed but not pending`;
      this.#verdict.expect(6, isLater || ids.has(comment.id), words, comment.id);
    }
  }

  /**
   * Checks that a bot with messages of its own, `addressed`, is given one of them, however many others wait. `one` is
   * the answer, at `clock`, to a later request for one comment that is its own or nobody's.
   */
  notStarved(
    entity: string,
    addressed: readonly Comment[],
    [one]: readonly Comment[],
    clock: number,
  ): void {
    const first = addressed.find(({ timestamp }) => !mayBeForgotten(timestamp, clock));
    const isOwn = !first || one?.botParams.entity === entity;
    this.#verdict.expect(6, isOwn, () => `${entity} waits for ${first?.id} behind ${one?.id}`);
  }

  /** Checks that no message is answered twice while the rebuilder remembers the first answer's nonce. */
  answers(comments: readonly Comment[]): void {
    const answeredAt = new Map<string, number>();
    for (const { id, replyTo, timestamp } of comments) {
      if (replyTo === undefined) continue;
      const message = suffixOf(replyTo);
      const apart = Math.abs(timestamp - (answeredAt.get(message) ?? Number.POSITIVE_INFINITY));
      const words = () => `${replyTo} is answered a second time by ${id}`;
      this.#verdict.expect(6, apart > NONCE_LIFETIME_MS, words, id, replyTo);
      answeredAt.set(message, timestamp);
    }
  }
}

/** Whether bots get `a` before `b`: a higher priority first, then the older comment. */
function isSooner(a: Comment, b: Comment): boolean {
  const { priority: ofA = 0 } = a.botParams;
  const { priority: ofB = 0 } = b.botParams;
  return ofA > ofB || (ofA === ofB && a.id < b.id);
}
