/** One client's wall: the store, the outbox, and the poll that feeds both. */
import type { Comment, Draft } from "#schema/comment";
import type { Read } from "#schema/read";
import { ApiError } from "../api/request";
import { Listeners } from "../browser/listeners";
import type { Hint } from "../talk/presence";
import type { ReadAnswer } from "./api";
import { Freshness } from "./freshness";
import { Outbox, type OutboxOptions } from "./outbox";
import { type WallQuery, WallStore } from "./wall-store";

export interface WallOptions extends Omit<OutboxOptions, "onConfirmed"> {
  read: (query: WallQuery, etag: string | null) => Promise<ReadAnswer>;
  readHistory: (before: string) => Promise<Read>;
  /** Returns the hash of a secret with which its author can take the message down; `undefined` without one. */
  hashFor?: (nonce: string) => Promise<string | undefined>;
}

/** Events that a tab shares with the browser's other tabs. */
export type Heard =
  | { kind: "answer"; asked: WallQuery; answer: ReadAnswer }
  | { kind: "failure" }
  | { kind: "confirmed"; comment: Comment }
  /** A hint of the live channel; `null` when the channel is gone. */
  | { kind: "hint"; hint: Hint | null };

/** The live channel as the wall uses it (client/live/channel.ts). */
export interface LiveLink {
  /** Whether a poll now could bring nothing that the page lacks. */
  vouches(): boolean;
  /** A poll over HTTP succeeded; `isSpare`: its last answer came from the spare, not from the wall. */
  onRead(isSpare: boolean): void;
  /** @throws {ApiError} */
  post(draft: Draft, overHttp: (draft: Draft) => Promise<Comment>): Promise<Comment>;
}

export class Wall {
  readonly store = new WallStore();
  readonly outbox: Outbox;
  readonly freshness: Freshness;
  /** Only in the tab that holds the channel, while it does. */
  live: LiveLink | null = null;
  /** Hears the hints of the live channel, of this tab's or another's; `null` when it is gone. */
  onHint: (hint: Hint | null) => void = () => {};
  readonly #options: WallOptions;
  readonly #heardListeners = new Set<(heard: Heard) => void>();
  readonly #connection = new Listeners();
  /** The last answer's ETag, valid only for the same request. */
  #validator: { since: string | undefined; etag: string | null } = { since: undefined, etag: null };
  /** Whether the last answer came from the spare. A `304` repeats an answer, so it changes nothing. */
  #isSpare = false;
  #failing = false;
  #reachingBack: Promise<void> | null = null;

  constructor(options: WallOptions) {
    this.#options = options;
    this.freshness = new Freshness(options.now());
    this.outbox = new Outbox({
      ...options,
      post: (draft) => this.#post(draft),
      onConfirmed: (comment) => this.#confirm(comment),
    });
  }

  /** Whether the last poll failed, in this tab or another. */
  readonly isFailing = (): boolean => this.#failing;

  readonly onConnection = this.#connection.subscribe;

  /** Calls `listener` with this tab's own events. Returns a function that unsubscribes. */
  onHeard(listener: (heard: Heard) => void): () => void {
    this.#heardListeners.add(listener);
    return () => this.#heardListeners.delete(listener);
  }

  /**
   * One poll: reads until the wall has nothing more to send at once. Makes no request while the live
   * channel vouches that there is nothing to read.
   */
  readonly poll = async (): Promise<void> => {
    if (this.live?.vouches()) {
      this.#vouch();
      return;
    }
    try {
      while (await this.#ask());
      this.#setFailing(false);
      this.live?.onRead(this.#isSpare);
    } catch (error) {
      this.#setFailing(true);
      this.#tell({ kind: "failure" });
      throw error;
    }
  };

  /**
   * Applies an event from another tab. Returns `false` if this tab missed an earlier one and needs
   * a poll of its own.
   */
  overhear(heard: Heard): boolean {
    if (heard.kind === "confirmed") {
      this.store.confirm(heard.comment);
      return true;
    }
    if (heard.kind === "hint") {
      this.onHint(heard.hint);
      return true;
    }
    this.#setFailing(heard.kind === "failure");
    if (heard.kind === "failure") return true;
    const { asked, answer } = heard;
    this.#take(asked, answer);
    const theirs = answer.read?.cursor ?? asked.since;
    return theirs === undefined || this.store.cursor === theirs;
  }

  /**
   * Merges a frame of the live channel. The other tabs overhear it if this tab is then where it leads:
   * otherwise a poll follows, which they overhear.
   */
  hear(asked: WallQuery, read: Read): void {
    const answer = { read, rebuiltAt: read.rebuiltAt, etag: null, answeredAt: null };
    this.#take(asked, answer);
    this.outbox.heard();
    if (this.store.query().since === read.cursor) this.#tell({ kind: "answer", asked, answer });
  }

  /** Takes a hint of the live channel, for all tabs. */
  readonly hint = (hint: Hint | null): void => {
    this.onHint(hint);
    this.#tell({ kind: "hint", hint });
  };

  /** Whether the live channel vouches for this page, in this tab or another, at `now`. */
  isLive(now: number): boolean {
    return this.live ? this.live.vouches() : this.freshness.isVouched(now);
  }

  /** Loads a page of the messages missing before the comment `id`; one page at a time. */
  readonly reachBack = (id: string): Promise<void> => {
    this.#reachingBack ??= this.#reachBack(id).finally(() => {
      this.#reachingBack = null;
    });
    return this.#reachingBack;
  };

  async #reachBack(id: string): Promise<void> {
    const before = this.store.historyBefore(id);
    if (before === null || this.store.snapshot().full) return;
    this.store.acceptHistory(await this.#options.readHistory(before), id);
  }

  async #ask(): Promise<boolean> {
    const asked = this.store.query();
    const etag = this.#validator.since === asked.since ? this.#validator.etag : null;
    const answer = await this.#options.read(asked, etag);
    this.#validator = { since: asked.since, etag: answer.etag ?? (answer.read ? null : etag) };
    if (answer.read) this.#isSpare = answer.read.spare === true;
    const again = this.#take(asked, answer);
    this.outbox.heard();
    this.#tell({ kind: "answer", asked, answer });
    return again;
  }

  /** Answers a poll from what the page holds, as a `304` would. */
  #vouch(): void {
    const asked = this.store.query();
    const { rebuiltAt } = this.store;
    const answer = { read: null, rebuiltAt, etag: null, answeredAt: null, vouched: true as const };
    this.#take(asked, answer);
    this.#setFailing(false);
    this.outbox.heard();
    this.#tell({ kind: "answer", asked, answer });
  }

  #take(asked: WallQuery, { read, rebuiltAt, answeredAt, vouched }: ReadAnswer): boolean {
    if (read === null) this.store.unchanged(rebuiltAt);
    const again = read !== null && this.store.accept(read, asked);
    if (read) this.outbox.settle(read.comments);
    this.freshness.note(this.store.rebuiltAt, answeredAt, this.#options.now());
    if (vouched) this.freshness.vouch(this.#options.now());
    return again;
  }

  async #post(draft: Draft): Promise<Comment> {
    const { post, hashFor } = this.#options;
    const send = (sent: Draft) => this.live?.post(sent, post) ?? post(sent);
    const secretHash = await hashFor?.(draft.nonce ?? "");
    if (secretHash === undefined) return send(draft);
    try {
      return await send({ ...draft, secretHash });
    } catch (error) {
      // The wall was rolled back to a release that does not know the field.
      if (!isAbout(error, "/secretHash")) throw error;
      return send(draft);
    }
  }

  #confirm(comment: Comment): void {
    this.store.confirm(comment);
    this.#tell({ kind: "confirmed", comment });
  }

  #tell(heard: Heard): void {
    for (const listener of this.#heardListeners) listener(heard);
  }

  #setFailing(failing: boolean): void {
    if (this.#failing === failing) return;
    this.#failing = failing;
    if (!failing) this.outbox.wallIsBack();
    this.#connection.notify();
  }
}

function isAbout(error: unknown, field: string): boolean {
  const errors = error instanceof ApiError ? error.problem?.errors : undefined;
  return errors?.some(({ pointer }) => pointer === field) ?? false;
}
