/**
 * Failed messages, and when each may be retried: a message that can't be answered blocks no other.
 */
import { timestampOf } from "#schema/id";
import { PENDING_LIFETIME_MS } from "#schema/limits";

/** Upper bound of the first rest; each further failure doubles it. */
const BASE_MS = 4_000;

const REST_MAX_MS = 5 * 60_000;

interface Rest {
  failures: number;
  until: number;
}

export class Resting {
  readonly #byId = new Map<string, Rest>();
  readonly #random: () => number;

  /** `random` is in [0, 1), so that bots that failed together don't retry in step. */
  constructor(random: () => number) {
    this.#random = random;
  }

  has(id: string, now: number): boolean {
    const rest = this.#byId.get(id);
    return rest !== undefined && now < rest.until;
  }

  /** Lets a message rest, longer each time. Returns the time in ms. */
  add(id: string, now: number): number {
    const failures = (this.#byId.get(id)?.failures ?? 0) + 1;
    const longest = Math.min(REST_MAX_MS, BASE_MS * 2 ** (failures - 1));
    const restMs = (longest * (1 + this.#random())) / 2;
    this.#byId.set(id, { failures, until: now + restMs });
    return restMs;
  }

  /** Time until the next rest ends, in ms; infinite if nothing rests. */
  nextEndMs(now: number): number {
    const left = [...this.#byId.values()].map(({ until }) => until - now).filter((ms) => ms > 0);
    return Math.min(...left);
  }

  end(id: string): void {
    this.#byId.delete(id);
  }

  /** Forgets messages that are no longer pending; `wallClock` is in ms since the epoch. */
  forget(wallClock: number): void {
    for (const id of this.#byId.keys())
      if (timestampOf(id) < wallClock - PENDING_LIFETIME_MS) this.#byId.delete(id);
  }
}
