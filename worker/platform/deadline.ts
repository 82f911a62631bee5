/** A deadline for calls out of this isolate. */
import type { Clock } from "./clock";

/** A call did not return in time. Its effect may still happen later. */
export class LateError extends Error {}

/**
 * Returns the result of `work`. Clears the timer as soon as `work` settles, since a running timer keeps a Durable
 * Object in memory.
 *
 * @param target names the called party in the error: "KV put"
 * @throws {LateError} after `ms`
 */
export async function inTime<T>(
  clock: Pick<Clock, "sleep">,
  ms: number,
  target: string,
  work: Promise<T>,
): Promise<T> {
  const settled = new AbortController();
  const late = clock.sleep(ms, settled.signal).then(() => {
    throw new LateError(`${target} did not answer within ${ms} ms`);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    settled.abort();
  }
}
