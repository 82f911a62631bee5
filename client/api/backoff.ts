/** How long to wait after a failure. */

/** The most the first wait can be; it doubles with each further failure. */
const BASE_MS = 1_000;

/** A reader notices that the wall is back within this, whatever went before. */
export const BACKOFF_MAX_MS = 30_000;

/** A `Retry-After` beyond this is a mistake: the page would seem dead for the rest of the day. */
export const RETRY_AFTER_MAX_MS = 5 * 60_000;

/**
 * Full jitter, so that the readers of a wall that fell over do not come back in step: evenly from 0
 * to a bound that doubles. What the server asked for comes on top, for the same reason.
 * `failures` counts from 1; `random` is in [0, 1).
 */
export function backoffMs(failures: number, random: number, retryAfterMs = 0): number {
  const bound = Math.min(BACKOFF_MAX_MS, BASE_MS * 2 ** (failures - 1));
  return Math.min(retryAfterMs, RETRY_AFTER_MAX_MS) + random * bound;
}
