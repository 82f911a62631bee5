/** Polls, takes what is pending, the most urgent first, and answers it, one message at a time. */
import { backoffMs } from "#client/api/backoff";
import type { Comment } from "#schema/comment";
import { WINDOW_SIZE } from "#schema/limits";
import { type AnswerParts, answer } from "./answer";
import { failureWords, isPassing, retryAfterMsOf, TokenRefused } from "./failure";
import { seconds } from "./log";
import { Resting } from "./resting";

export const POLL_INTERVAL_MS = 3_000;

/** By up to this share a poll comes sooner: bots that were started together drift apart. */
const JITTER = 0.1;

/** Messages asked for at once, besides those that are passed over. */
const POLL_LIMIT = 20;

export interface BotParts extends AnswerParts {
  /** Those it answers for, besides what is for nobody in particular; none: everything. */
  entities: readonly string[];
  random: () => number;
}

export class Bot {
  readonly #parts: BotParts;
  readonly #resting: Resting;
  #isTokenChecked = false;
  #failures = 0;
  /** Of what is pending, as many the last poll named in vain. */
  #passedOver = 0;

  constructor(parts: BotParts) {
    this.#parts = parts;
    this.#resting = new Resting(parts.random);
  }

  /** Until `stopping` aborts. @throws {TokenRefused} */
  async run(): Promise<void> {
    const { clock, random, stopping } = this.#parts;
    while (!stopping.aborted) {
      const waitMs = await this.#round();
      if (waitMs > 0) await clock.sleep(waitMs * (1 - JITTER * random()), stopping);
    }
  }

  /** One poll and what follows from it. Returns how long to wait before the next, in ms. */
  async #round(): Promise<number> {
    const { log, random } = this.#parts;
    try {
      await this.#checkToken();
      const goesOn = await this.#answerPending();
      if (this.#failures > 0) log("the wall answers again");
      this.#failures = 0;
      return goesOn ? 0 : POLL_INTERVAL_MS;
    } catch (error) {
      if (error instanceof TokenRefused) throw error;
      this.#failures += 1;
      const waitMs = POLL_INTERVAL_MS + backoffMs(this.#failures, random(), retryAfterMsOf(error));
      log(`no answer from the wall (${failureWords(error)}); again in ${seconds(waitMs)}`);
      return waitMs;
    }
  }

  /** Once: before it, a wrong token would be noticed with the first message only. */
  async #checkToken(): Promise<void> {
    if (this.#isTokenChecked) return;
    await this.#parts.wall.checkToken();
    this.#isTokenChecked = true;
    this.#parts.log("ready");
  }

  /** Whether there may be more to do at once. */
  async #answerPending(): Promise<boolean> {
    const { wall, entities, clock, stopping } = this.#parts;
    this.#resting.forget(Date.now());
    const limit = Math.min(WINDOW_SIZE, POLL_LIMIT + this.#passedOver);
    const polledAt = clock.now();
    const pending = await wall.pending(entities, limit);
    const due = pending.filter((comment) => this.#isDue(comment));
    let answered = 0;
    for (const { id } of due) {
      if (stopping.aborted) break;
      // Something more urgent may have come.
      if (clock.now() - polledAt > POLL_INTERVAL_MS) return true;
      if (await this.#answer(id)) answered += 1;
    }
    this.#passedOver = pending.filter((comment) => !this.#isDue(comment)).length;
    const mayHoldMore = pending.length >= limit && due.length > 0;
    return answered > 0 || mayHoldMore;
  }

  /**
   * A bot's comment is pending when it asked for that. It is answered unless it is itself an answer,
   * or ours: no two bots ever talk to each other for long.
   */
  #isDue({ id, type, username, replyTo }: Comment): boolean {
    const isOfTalk = type === "bot" && (replyTo !== undefined || username === this.#parts.name);
    return !isOfTalk && !this.#resting.has(id, this.#parts.clock.now());
  }

  async #answer(id: string): Promise<boolean> {
    const { clock, log } = this.#parts;
    try {
      const outcome = await answer(this.#parts, id);
      if (outcome === "answered") this.#resting.end(id);
      return outcome === "answered";
    } catch (error) {
      if (error instanceof TokenRefused) throw error;
      const restMs = this.#resting.add(id, clock.now());
      log(`${id} failed (${failureWords(error)}); again in ${seconds(restMs)} at the soonest`);
      // The wall's trouble is every message's.
      if (isPassing(error)) throw error;
      return false;
    }
  }
}
