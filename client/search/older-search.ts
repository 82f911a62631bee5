/**
 * Reads the wall's older messages for a search: one page after another into the page's store, where they match
 * like any loaded message. Where it stopped is in the store's holes, so it can continue at any time.
 */
import { HISTORY_PAGES_PER_PERIOD, RATE_LIMIT_PERIOD_S } from "#schema/limits";
import { backoffMs } from "../api/backoff";
import { ApiError } from "../api/request";
import { Listeners } from "../browser/listeners";
import { newestOf } from "./newest";

/** Leaves a third of the reader's history limit for scrolling, and for others at the same address. */
export const BETWEEN_PAGES_MS = (1.5 * RATE_LIMIT_PERIOD_S * 1_000) / HISTORY_PAGES_PER_PERIOD;

/** Failures in a row after which the reader is asked to try again. */
const FAILURES_MAX = 4;

export type OlderSearchState =
  | { phase: "idle" | "reading" | "failed" }
  /** The wall asked to wait, or did not answer; `until` in ms since the epoch. */
  | { phase: "waiting"; until: number };

interface OlderSearchOptions {
  wall: () => { holes: ReadonlySet<string>; full: boolean };
  /** Reads a page of the messages missing before the comment `id`. */
  read: (id: string) => Promise<void>;
  now: () => number;
  random: () => number;
  /** Ends early when aborted, without an error. */
  sleep: (ms: number, signal: AbortSignal) => Promise<void>;
}

export class OlderSearch {
  readonly #options: OlderSearchOptions;
  readonly #listeners = new Listeners();
  #state: OlderSearchState = { phase: "idle" };
  #running: AbortController | null = null;

  constructor(options: OlderSearchOptions) {
    this.#options = options;
  }

  readonly snapshot = (): OlderSearchState => this.#state;

  readonly subscribe = this.#listeners.subscribe;

  /** Reads until the wall's first message, the browser's limit, `stop`, or too many failures. */
  readonly start = async (): Promise<void> => {
    if (this.#running) return;
    const running = new AbortController();
    this.#running = running;
    const end = await this.#run(running.signal);
    if (this.#running !== running) return;
    this.#running = null;
    this.#set({ phase: end });
  };

  readonly stop = (): void => {
    if (!this.#running) return;
    this.#running.abort();
    this.#running = null;
    this.#set({ phase: "idle" });
  };

  async #run(signal: AbortSignal): Promise<"idle" | "failed"> {
    const { read, now, random, sleep } = this.#options;
    let failures = 0;
    for (let hole = this.#next(); hole && !signal.aborted; hole = this.#next()) {
      this.#set({ phase: "reading" });
      try {
        await read(hole);
        failures = 0;
        if (!signal.aborted && this.#next()) await sleep(BETWEEN_PAGES_MS, signal);
      } catch (error) {
        failures += 1;
        const retryAfterMs = error instanceof ApiError ? error.retryAfterMs : undefined;
        if (retryAfterMs === undefined && failures >= FAILURES_MAX) return "failed";
        if (signal.aborted) break;
        const waitMs = backoffMs(failures, random(), retryAfterMs);
        this.#set({ phase: "waiting", until: now() + waitMs });
        await sleep(waitMs, signal);
      }
    }
    return "idle";
  }

  /** The newest comment before which messages are missing, while there is room for them. */
  #next(): string | undefined {
    const { holes, full } = this.#options.wall();
    return full ? undefined : newestOf(holes);
  }

  #set(state: OlderSearchState): void {
    this.#state = state;
    this.#listeners.notify();
  }
}
