/** Time, passed in so that tests can control it. */
import { setTimeout as delay } from "node:timers/promises";

export interface Clock {
  /** ms since an arbitrary moment; never decreases. */
  now(): number;
  /** Ends early, without an error, when `signal` aborts. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

export const systemClock: Clock = {
  now: () => performance.now(),
  sleep: (ms, signal) => delay(ms, undefined, { signal }).catch(() => {}),
};
