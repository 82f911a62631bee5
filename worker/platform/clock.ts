/** Tells the time and waits. It is passed in, so that a simulation can supply its own. */
export interface Clock {
  /** ms since the Unix epoch. */
  now(): number;
  /** Resolves after `ms`. Aborting `signal` clears the timer, and the promise then never resolves. */
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
