/** When the page connects again: after a random wait, whose bound doubles with each failure. */
import type { After } from "./clocks";

/**
 * Bound of the first wait before a reconnect; it doubles with each failure. A deploy drops every socket
 * at once: spread over 4 s, 1,000 pages make 250 connects a second, and a second try comes within 12 s.
 */
const RECONNECT_MS = 4_000;
export const RECONNECT_MAX_MS = 5 * 60_000;
/**
 * The same while no socket was ever live in this visit: a browser doesn't tell why a handshake failed,
 * and most likely the channel is switched off or a proxy blocks it.
 */
const NEVER_LIVE_MS = 30_000;
export const NEVER_LIVE_MAX_MS = 30 * 60_000;

interface ReconnectOptions {
  after: After;
  /** In [0, 1). */
  random: () => number;
}

export class Reconnect {
  readonly #options: ReconnectOptions;
  #wasLive = false;
  #failures = 0;
  #cancel: (() => void) | null = null;

  constructor(options: ReconnectOptions) {
    this.#options = options;
  }

  get isWaiting(): boolean {
    return this.#cancel !== null;
  }

  /** Whether the next failure is the first one. */
  get isFresh(): boolean {
    return this.#failures === 0;
  }

  /** A socket was live. */
  wasLive(): void {
    this.#wasLive = true;
  }

  /** A socket was live for long enough that earlier failures no longer count. */
  wasStable(): void {
    this.#failures = 0;
  }

  /** Connects after a wait; `failures` is what the loss counts for. */
  later(failures: number, connect: () => void): void {
    this.#failures += failures;
    const [first, max] = this.#wasLive
      ? [RECONNECT_MS, RECONNECT_MAX_MS]
      : [NEVER_LIVE_MS, NEVER_LIVE_MAX_MS];
    const bound = Math.min(max, first * 2 ** (this.#failures - 1));
    this.cancel();
    this.#cancel = this.#options.after(this.#options.random() * bound, () => {
      this.#cancel = null;
      connect();
    });
  }

  cancel(): void {
    this.#cancel?.();
    this.#cancel = null;
  }
}
