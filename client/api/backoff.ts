/** Wait times after failures. */

/** Upper bound of the first wait; it doubles with each further failure. */
const BASE_MS = 1_000;

/** Upper bound of any wait, so that a page notices a recovered wall within this time. */
export const BACKOFF_MAX_MS = 30_000;

/**
 * A longer `Retry-After` is treated as a mistake: the page would seem dead for the rest of the day.
 */
export const RETRY_AFTER_MAX_MS = 5 * 60_000;

/**
 * Full jitter, so that readers don't retry in step after an outage: uniform between 0 and a
 * doubling bound. The server's `Retry-After` is added to it, for the same reason. `failures` counts
 * from 1; `random` is in [0, 1).
 */
export function backoffMs(failures: number, random: number, retryAfterMs = 0): number {
  const bound = Math.min(BACKOFF_MAX_MS, BASE_MS * 2 ** (failures - 1));
  return Math.min(retryAfterMs, RETRY_AFTER_MAX_MS) + random * bound;
}
