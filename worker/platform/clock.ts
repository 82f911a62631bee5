/** Time, passed in so that a simulation can make its own. */
export interface Clock {
  /** ms since the Unix epoch. */
  now(): number;
  /** Resolves after `ms`; never, and without keeping a timer, once `signal` is aborted. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  sleep: (ms, signal) =>
    new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      signal?.addEventListener("abort", () => clearTimeout(timer), { once: true });
    }),
};
