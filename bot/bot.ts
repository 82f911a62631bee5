/**
 * Reads pending messages and answers them one at a time: first those addressed to the bot, then those addressed to
 * nobody, each the most urgent first. It waits on the live channel for new ones, and polls more often while it has
 * none. One read at a time: news that come during a read cause a single read after it.
 */
import { backoffMs } from "#client/api/backoff";
import type { Comment } from "#schema/comment";
import { WINDOW_SIZE } from "#schema/limits";
import { type AnswerParts, answer } from "./answer";
import { Channel, type Connect } from "./channel";
import { failureWords, isPassing, retryAfterMsOf, TokenRefused } from "./failure";
import { CLAIM_SECONDS } from "./held-claim";
import { seconds } from "./log";
import { Resting } from "./resting";

export const POLL_INTERVAL_MS = 3_000;

/**
 * With a live channel: for pending messages that no frame announces, since the claim of a bot that died, or an answer
 * that was given back, changes no comment.
 */
export const POLL_INTERVAL_LIVE_MS = 30_000;

/** Each poll comes earlier by up to this share, so that bots started together drift apart. */
const JITTER = 0.1;

/** Messages requested per poll, in addition to those that are skipped. */
const POLL_LIMIT = 20;

export interface BotParts extends AnswerParts {
  /** Whether to leave messages that are addressed to nobody to others. */
  addressedOnly: boolean;
  random: () => number;
  /** How to open the live channel of the wall at `url`, without a trailing slash; without it, the bot polls. */
  live?: { url: string; token: string; connect: Connect };
}

export class Bot {
  readonly #parts: BotParts;
  readonly #resting: Resting;
  readonly #channel: Channel | null;
  #isTokenChecked = false;
  #failures = 0;
  /** Number of pending messages that the last poll returned and the bot skipped. */
  #passedOver = 0;
  /** A claim of another bot, or a lost one of ours, ends by then if its bot has died. */
  #otherClaimUntil = Number.NEGATIVE_INFINITY;

  constructor(parts: BotParts) {
    this.#parts = parts;
    this.#resting = new Resting(parts.random);
    const { live } = parts;
    this.#channel = live ? new Channel({ ...parts, ...live, isWanted: this.#isWanted }) : null;
  }

  /** Runs until `stopping` aborts. @throws {TokenRefused} */
  async run(): Promise<void> {
    const { clock, random, stopping } = this.#parts;
    const ended = new AbortController();
    const following = this.#channel?.run(AbortSignal.any([stopping, ended.signal]));
    try {
      while (!stopping.aborted) {
        const news = this.#channel?.news;
        const next = await this.#round(news);
        if (next === "idle") await this.#idle(news);
        else if (next !== "more") await clock.sleep(next * (1 - JITTER * random()), stopping);
      }
    } finally {
      ended.abort();
      await following;
    }
  }

  /** One poll and its work. After a failure, returns the time until the next, in ms. */
  async #round(news: AbortSignal | undefined): Promise<"more" | "idle" | number> {
    const { log, random } = this.#parts;
    try {
      await this.#checkToken();
      const goesOn = await this.#answerPending(news);
      if (this.#failures > 0) log("the wall answers again");
      this.#failures = 0;
      return goesOn ? "more" : "idle";
    } catch (error) {
      if (error instanceof TokenRefused) throw error;
      this.#failures += 1;
      const waitMs = POLL_INTERVAL_MS + backoffMs(this.#failures, random(), retryAfterMsOf(error));
      log(`no answer from the wall (${failureWords(error)}); retrying in ${seconds(waitMs)}`);
      return waitMs;
    }
  }

  /** Waits until the next poll is due, or until the channel has news. */
  async #idle(news: AbortSignal | undefined): Promise<void> {
    const { clock, random, stopping } = this.#parts;
    const signal = news ? AbortSignal.any([stopping, news]) : stopping;
    const waitMs = this.#channel?.isOpen ? this.#nextKnownMs() : POLL_INTERVAL_MS;
    await clock.sleep(waitMs * (1 - JITTER * random()), signal);
  }

  /** Time until something may be pending again that no frame will announce. */
  #nextKnownMs(): number {
    const now = this.#parts.clock.now();
    const claimEndsMs = this.#otherClaimUntil - now;
    return Math.max(
      POLL_INTERVAL_MS,
      Math.min(
        POLL_INTERVAL_LIVE_MS,
        this.#resting.nextEndMs(now),
        claimEndsMs > 0 ? claimEndsMs : Number.POSITIVE_INFINITY,
      ),
    );
  }

  /** Checked once: otherwise only the first message would reveal a wrong token. */
  async #checkToken(): Promise<void> {
    if (this.#isTokenChecked) return;
    await this.#parts.wall.checkToken();
    this.#isTokenChecked = true;
    this.#parts.log("ready");
  }

  /** Whether there may be more work right away. `news` aborts when another read may find more urgent messages. */
  async #answerPending(news: AbortSignal | undefined): Promise<boolean> {
    const { wall, name, addressedOnly, clock, stopping } = this.#parts;
    this.#resting.forget(Date.now());
    const limit = Math.min(WINDOW_SIZE, POLL_LIMIT + this.#passedOver);
    const polledAt = clock.now();
    const pending = await wall.pending({ entity: name, addressedOnly, limit });
    const due = pending.filter((comment) => this.#isDue(comment));
    due.sort((a, b) => Number(this.#isMine(b)) - Number(this.#isMine(a)));
    let answered = 0;
    for (const { id } of due) {
      if (stopping.aborted) break;
      if (await this.#answer(id)) answered += 1;
      if (news?.aborted || clock.now() - polledAt > POLL_INTERVAL_MS) return true;
    }
    this.#passedOver = pending.filter((comment) => !this.#isDue(comment)).length;
    const mayHoldMore = pending.length >= limit && due.length > 0;
    return answered > 0 || mayHoldMore;
  }

  /** Whether it is addressed to this bot. */
  readonly #isMine = ({ botParams: { entity } }: Comment): boolean => entity === this.#parts.name;

  readonly #isWanted = (comment: Comment): boolean =>
    this.#isMine(comment) || (comment.botParams.entity === undefined && !this.#parts.addressedOnly);

  /**
   * A bot's comment is pending if its author asked for that. It is answered unless it is itself an
   * answer, or ours: so two bots never keep talking to each other.
   */
  #isDue(comment: Comment): boolean {
    const { id, type, username, replyTo } = comment;
    const isOfTalk = type === "bot" && (replyTo !== undefined || username === this.#parts.name);
    return this.#isWanted(comment) && !isOfTalk && !this.#resting.has(id, this.#parts.clock.now());
  }

  async #answer(id: string): Promise<boolean> {
    const { clock, log } = this.#parts;
    try {
      const outcome = await answer(this.#parts, id);
      if (outcome === "answered") this.#resting.end(id);
      else this.#otherClaimUntil = clock.now() + CLAIM_SECONDS * 1_000;
      return outcome === "answered";
    } catch (error) {
      if (error instanceof TokenRefused) throw error;
      const restMs = this.#resting.add(id, clock.now());
      log(`${id} failed (${failureWords(error)}); retrying in ${seconds(restMs)} at the earliest`);
      // A failure of the wall affects every message.
      if (isPassing(error)) throw error;
      return false;
    }
  }
}
