/** The cache that all isolates of one place share; it fails now and then, or never answers. */
import type { Faults } from "../faults";
import type { Scheduler } from "./scheduler";

export class SharedCaches {
  readonly #scheduler: Scheduler;
  readonly #faults: Faults;
  readonly #entries = new Map<string, { text: string; until: number }>();

  readonly #failed: (place: string) => void;

  constructor(scheduler: Scheduler, faults: Faults, failed: (place: string) => void) {
    this.#failed = failed;
    this.#scheduler = scheduler;
    this.#faults = faults;
  }

  /**
   * The cache of one place as an entrypoint uses it.
   * @param onUnshared called when the outcome of a question could not be stored
   */
  at(location: string, onUnshared: () => void) {
    return {
      get: async (key: string) => {
        await this.#use(() => this.#failed(location));
        const entry = this.#entries.get(`${location} ${key}`);
        return entry && entry.until > this.#scheduler.now ? entry.text : null;
      },
      put: async (key: string, text: string, lifetimeMs: number) => {
        const isOutcome = key.endsWith("/recent") || text.includes('"failed":true');
        await this.#use(() => {
          this.#failed(location);
          if (isOutcome) onUnshared();
        });
        const until = this.#scheduler.now + lifetimeMs;
        this.#entries.set(`${location} ${key}`, { text, until });
      },
    };
  }

  async #use(onFault: () => void): Promise<void> {
    if (this.#faults.happens("shared cache failed")) {
      onFault();
      throw new Error("simulated: shared cache failed");
    }
    if (this.#faults.happens("shared cache hangs")) {
      onFault();
      await new Promise<never>(() => {});
    }
  }
}
