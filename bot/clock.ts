/** Time, passed in so that a test can make its own. */
import { setTimeout as delay } from "node:timers/promises";

export interface Clock {
  /** ms since some moment; never steps back. */
  now(): number;
  /** Ends early, without an error, when `signal` aborts. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

export const systemClock: Clock = {
  now: () => performance.now(),
  sleep: (ms, signal) => delay(ms, undefined, { signal }).catch(() => {}),
};
