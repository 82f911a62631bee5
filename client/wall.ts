/** The wall as one client lives it: what it holds, what it sends, and how a poll joins the two. */
import type { ReadAnswer } from "./api";
import { Freshness } from "./freshness";
import { Outbox, type OutboxOptions } from "./outbox";
import { type WallQuery, WallStore } from "./wall-store";

export interface WallOptions extends Omit<OutboxOptions, "onConfirmed"> {
  read: (query: WallQuery, etag: string | null) => Promise<ReadAnswer>;
}

export class Wall {
  readonly store = new WallStore();
  readonly outbox: Outbox;
  readonly freshness: Freshness;
  readonly #read: WallOptions["read"];
  readonly #now: () => number;
  readonly #sentListeners = new Set<() => void>();
  /** The last answer's, good only for the same question. */
  #validator: { since: string | undefined; etag: string | null } = { since: undefined, etag: null };

  constructor({ read, ...outbox }: WallOptions) {
    this.#read = read;
    this.#now = outbox.now;
    this.freshness = new Freshness(outbox.now());
    this.outbox = new Outbox({
      ...outbox,
      onConfirmed: (comment) => {
        this.store.confirm(comment);
        for (const listener of this.#sentListeners) listener();
      },
    });
  }

  /** Tells when a message of ours was acknowledged. Returns what ends that. */
  onSent(listener: () => void): () => void {
    this.#sentListeners.add(listener);
    return () => this.#sentListeners.delete(listener);
  }

  /** One poll: asks until there is nothing more to ask for at once. */
  readonly poll = async (): Promise<void> => {
    while (await this.#ask());
  };

  async #ask(): Promise<boolean> {
    const query = this.store.query();
    const etag = this.#validator.since === query.since ? this.#validator.etag : null;
    const answer = await this.#read(query, etag);
    this.#validator = { since: query.since, etag: answer.etag ?? (answer.read ? null : etag) };
    if (answer.read === null) this.store.unchanged(answer.rebuiltAt);
    const again = answer.read !== null && this.store.accept(answer.read, query);
    if (answer.read) this.outbox.settle(answer.read.comments);
    this.freshness.note(this.store.rebuiltAt, answer.answeredAt, this.#now());
    return again;
  }
}
