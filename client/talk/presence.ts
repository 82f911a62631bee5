/**
 * Bots and browsers that are here, and the messages that a bot is answering, by the hints of the live
 * channel. A page without a channel learns only the bots, and only when it asks.
 */
import { CLAIM_MAX_SECONDS, CLAIM_MIN_SECONDS, WINDOW_SIZE } from "#schema/limits";
import { Listeners } from "../browser/listeners";
import type { WallStore } from "../wall/wall-store";

/** As the live channel tells it; parts may be lost, repeated or late. */
export interface Hint {
  here?: number | undefined;
  /** All of them. */
  bots?: readonly string[] | undefined;
  /** `until` is 0 when it ended. */
  answering?: { id: string; name: string; until: number } | undefined;
}

export interface Present {
  /** `null` if this page doesn't know. */
  bots: readonly string[] | null;
  /** Open browsers, with this one; `null` without a channel. */
  here: number | null;
  /** Names of the bots that are answering, by the ids of the messages. */
  answering: ReadonlyMap<string, string>;
}

/** A page without a channel asks no more often. */
export const ASK_EVERY_MS = 30_000;
/** A wall that can't answer is asked again after this. */
export const ASK_AFTER_FAILURE_MS = 5 * 60_000;
/** An answer is shown for this long: nothing tells this page about changes. */
export const ANSWER_VALID_MS = 2 * 60_000;

const NOTHING: Present = { bots: null, here: null, answering: new Map() };

export interface PresenceOptions {
  store: Pick<WallStore, "get" | "snapshot" | "subscribe">;
  now: () => number;
  /** @throws if there is no answer. */
  readBots: () => Promise<readonly string[]>;
}

export class Presence {
  readonly #options: PresenceOptions;
  readonly #listeners = new Listeners();
  readonly #timers = new Map<string, ReturnType<typeof setTimeout>>();
  #present = NOTHING;
  #hasChannel = false;
  #askAt = 0;
  #expiry: ReturnType<typeof setTimeout> | undefined;

  constructor(options: PresenceOptions) {
    this.#options = options;
    options.store.subscribe(() => this.#settle());
  }

  readonly snapshot = (): Present => this.#present;

  readonly subscribe = this.#listeners.subscribe;

  /** `null`: the channel is gone. */
  readonly hear = (hint: Hint | null): void => {
    if (hint === null) {
      this.#loseChannel();
      return;
    }
    const { here, bots, answering } = hint;
    if (bots) {
      this.#hasChannel = true;
      clearTimeout(this.#expiry);
    }
    this.#show({ ...(bots && { bots }), ...(here !== undefined && { here }) });
    if (answering) this.#note(answering);
  };

  /** Asks for the bots unless the channel tells them, or the last answer is recent. */
  readonly ask = async (): Promise<void> => {
    const { now, readBots } = this.#options;
    if (this.#hasChannel || now() < this.#askAt) return;
    this.#askAt = now() + ASK_EVERY_MS;
    try {
      const bots = await readBots();
      if (this.#hasChannel) return;
      this.#show({ bots });
      this.#expireLater();
    } catch {
      // An older wall, or none: the page works without.
      this.#askAt = now() + ASK_AFTER_FAILURE_MS;
    }
  };

  /** A reconnect mostly tells the same bots, so they stay for a while. */
  #loseChannel(): void {
    if (this.#hasChannel) this.#expireLater();
    this.#hasChannel = false;
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
    this.#show({ here: null, answering: new Map() });
  }

  #expireLater(): void {
    clearTimeout(this.#expiry);
    this.#expiry = setTimeout(() => this.#show({ bots: null }), ANSWER_VALID_MS);
  }

  #note({ id, name, until }: NonNullable<Hint["answering"]>): void {
    clearTimeout(this.#timers.get(id));
    if (until === 0) {
      this.#end(id);
      return;
    }
    // Two clocks may differ by more than the claim lasts.
    const leftS = Math.max(CLAIM_MIN_SECONDS, (until - this.#options.now()) / 1_000);
    const waitMs = Math.min(CLAIM_MAX_SECONDS, leftS) * 1_000;
    this.#timers.set(
      id,
      setTimeout(() => this.#end(id), waitMs),
    );
    this.#show({ answering: new Map(this.#present.answering).set(id, name) });
    this.#settle();
  }

  /** The hint that a bot has finished may be lost, or come after its answer. */
  #settle(): void {
    const waiting = [...this.#present.answering.keys()];
    if (waiting.length === 0) return;
    const { store } = this.#options;
    const newest = store.snapshot().comments.slice(-WINDOW_SIZE);
    const answered = new Set(newest.map(({ type, replyTo }) => type === "bot" && replyTo));
    for (const id of waiting)
      if (answered.has(id) || store.get(id)?.botParams.processed) this.#end(id);
  }

  #end(id: string): void {
    clearTimeout(this.#timers.get(id));
    this.#timers.delete(id);
    if (!this.#present.answering.has(id)) return;
    const answering = new Map(this.#present.answering);
    answering.delete(id);
    this.#show({ answering });
  }

  #show(change: Partial<Present>): void {
    this.#present = { ...this.#present, ...change };
    this.#listeners.notify();
  }
}
