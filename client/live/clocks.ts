/** Time by the two clocks of a browser, neither of which can be trusted alone. */

/** Calls back after a time in ms; returns a function that cancels. */
export type After = (ms: number, callback: () => void) => () => void;

/** `After` by the platform's timers. */
export const afterTimeout: After = (ms, callback) => {
  const timer = setTimeout(callback, ms);
  return () => clearTimeout(timer);
};

export interface Clocks {
  /** ms since the epoch; counts time asleep, but may be set. */
  now: () => number;
  /** ms since any start; never goes back, but may stand still while the machine sleeps. */
  monotonic: () => number;
}

/** A moment by both clocks. */
export interface Moment {
  now: number;
  monotonic: number;
}

/** A clock that steps back by more than a correction's worth says nothing about the time since. */
const CLOCK_BACK_MAX_MS = 1_000;

export function momentOf({ now, monotonic }: Clocks): Moment {
  return { now: now(), monotonic: monotonic() };
}

/** The time since a moment in ms, by the clock that counted more; infinite since `null`. */
export function elapsedMs({ now, monotonic }: Clocks, since: Moment | null): number {
  if (!since) return Number.POSITIVE_INFINITY;
  const byClock = now() - since.now;
  if (byClock < -CLOCK_BACK_MAX_MS) return Number.POSITIVE_INFINITY;
  return Math.max(byClock, monotonic() - since.monotonic);
}
