/** Time that passes only when a test advances it. */
import type { Clock } from "./clock";

interface Sleeper {
  ms: number;
  until: number;
  wake: () => void;
}

export class ManualClock implements Clock {
  readonly #sleepers = new Set<Sleeper>();
  #now = 0;

  /** The full duration of each sleep that has not ended, in ms. */
  get sleeping(): number[] {
    return [...this.#sleepers].map(({ ms }) => ms);
  }

  now(): number {
    return this.#now;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const wake = () => {
        this.#sleepers.delete(sleeper);
        signal?.removeEventListener("abort", wake);
        resolve();
      };
      const sleeper = { ms, until: this.#now + ms, wake };
      this.#sleepers.add(sleeper);
      signal?.addEventListener("abort", wake);
    });
  }

  advance(ms: number): void {
    this.#now += ms;
    for (const { until, wake } of [...this.#sleepers]) if (until <= this.#now) wake();
  }
}
