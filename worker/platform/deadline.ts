/** A bound on how long anything outside may keep us waiting. */
import type { Clock } from "./clock";

/** Something did not answer in time. It may still do what it was asked to. */
export class LateError extends Error {}

/**
 * The result of `work`, or a `LateError` after `ms`. The timer is cleared as soon as `work` settles: a timer
 * that is left running keeps a Durable Object in memory.
 *
 * @param what names the called party, for the error: "KV put"
 */
export async function inTime<T>(
  clock: Pick<Clock, "sleep">,
  ms: number,
  what: string,
  work: Promise<T>,
): Promise<T> {
  const settled = new AbortController();
  const late = clock.sleep(ms, settled.signal).then(() => {
    throw new LateError(`${what} did not answer within ${ms} ms`);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    // Without a reason each call would make an error with a stack trace, that nobody reads.
    settled.abort("settled");
  }
}
