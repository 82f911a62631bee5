/**
 * Messages being sent, one at a time, in the order they were written. Each keeps one nonce through all
 * retries, so that the wall stores it once however often it is sent.
 *
 *   send ──▶ sending ──201/200──────────▶ settled (gone from here; the store shows the comment)
 *             ▲ ▲ └───error──▶ failed ──discard──▶ gone
 *             │ └─retry, wall back─┘
 *             └──wait over or online again── waiting ◀── offline, 429, 503
 *
 * A waiting message blocks the later ones, so that the wall receives them in order. A comment with the
 * nonce in a read settles the message in any state: the POST arrived and only its answer was lost.
 */
import type { Comment, Draft } from "#schema/comment";
import { backoffMs } from "../api/backoff";
import { ApiError } from "../api/request";
import { Listeners } from "../browser/listeners";

/** A person's message with name and colour. */
export type Words = Omit<Draft, "nonce">;

export interface OutgoingMessage extends Words {
  readonly nonce: string;
  /** By the sender's clock. */
  readonly writtenAt: number;
  readonly state: "sending" | "waiting" | "failed";
  /** The error that `post` threw; absent while offline. */
  readonly failure?: unknown;
  /** Time of the next attempt, by the sender's clock; absent while offline. */
  readonly retryAt?: number;
}

export interface OutboxOptions {
  post: (draft: Draft) => Promise<Comment>;
  /**
   * Shows the comment; called before the message leaves the outbox, so that the row doesn't
   * flicker.
   */
  onConfirmed: (comment: Comment) => void;
  makeNonce: () => string;
  now: () => number;
  isOnline: () => boolean;
  random: () => number;
}

/** The wall rejects messages temporarily: retry automatically. */
const PASSING_STATUSES: readonly number[] = [429, 503];

export class Outbox {
  readonly #options: OutboxOptions;
  readonly #listeners = new Listeners();
  readonly #nonceOfId = new Map<string, string>();
  #messages: readonly OutgoingMessage[] = [];
  #draining = false;
  #refusals = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(options: OutboxOptions) {
    this.#options = options;
  }

  readonly snapshot = (): readonly OutgoingMessage[] => this.#messages;

  readonly subscribe = this.#listeners.subscribe;

  /** Continues with messages left unsent before a reload. */
  restore(messages: readonly OutgoingMessage[]): void {
    const known = new Set(this.#messages.map(({ nonce }) => nonce));
    const unfinished = messages.filter(({ nonce }) => !known.has(nonce)).map(asSending);
    this.#show([...unfinished, ...this.#messages]);
    void this.#drain();
  }

  /** Retries waiting messages: the browser is online, or the wait is over. */
  readonly wake = (): void => {
    clearTimeout(this.#timer);
    const asked = (message: OutgoingMessage) => message.state === "waiting";
    if (!this.#messages.some(asked)) return;
    this.#show(this.#messages.map((message) => (asked(message) ? asSending(message) : message)));
    void this.#drain();
  };

  /** Any answer proves that there is a network, whatever the browser reports. */
  readonly heard = (): void => {
    if (this.#messages.some(({ state, retryAt }) => state === "waiting" && !retryAt)) this.wake();
  };

  /** The wall answers again after an outage: sends the messages that found no wall. */
  readonly wallIsBack = (): void => {
    if (!this.#messages.some(foundNoWall)) return;
    this.#show(
      this.#messages.map((message) => (foundNoWall(message) ? asSending(message) : message)),
    );
    void this.#drain();
  };

  send(words: Words): void {
    const { makeNonce, now } = this.#options;
    const message = { ...words, nonce: makeNonce(), writtenAt: now(), state: "sending" as const };
    this.#show([...this.#messages, message]);
    void this.#drain();
  }

  retry(nonce: string): void {
    this.#replace(nonce, asSending);
    void this.#drain();
  }

  /** Returns a function that puts the message back, as it was and where it was. */
  discard(nonce: string): () => void {
    const index = this.#messages.findIndex((message) => message.nonce === nonce);
    const message = this.#messages[index];
    this.#show(this.#messages.filter((other) => other !== message));
    // It may have blocked messages written after it.
    void this.#drain();
    return () => {
      if (!message || this.#messages.some((other) => other.nonce === nonce)) return;
      this.#show(this.#messages.toSpliced(index, 0, message));
      if (message.state === "waiting") this.wake();
      else void this.#drain();
    };
  }

  /** Settles our messages that appear in a read. */
  settle(comments: readonly Comment[]): void {
    for (const comment of comments) this.#settle(comment);
  }

  /** The nonce of a comment sent from here: its row keeps this key once it is confirmed. */
  nonceOf(id: string): string | undefined {
    return this.#nonceOfId.get(id);
  }

  async #drain(): Promise<void> {
    if (this.#draining) return;
    this.#draining = true;
    for (let message = this.#next(); message; message = this.#next()) await this.#attempt(message);
    this.#draining = false;
  }

  #next(): OutgoingMessage | undefined {
    const next = this.#messages.find(({ state }) => state !== "failed");
    return next?.state === "sending" ? next : undefined;
  }

  async #attempt(message: OutgoingMessage): Promise<void> {
    const { nonce } = message;
    let comment: Comment;
    try {
      comment = await this.#options.post(draftOf(message));
    } catch (failure) {
      this.#notSent(nonce, failure);
      return;
    }
    this.#refusals = 0;
    this.#options.onConfirmed(comment);
    this.#settle(comment);
    // Guards against a server that answers with another nonce: without this, we would send forever.
    this.discard(nonce);
  }

  #notSent(nonce: string, failure: unknown): void {
    const { isOnline, now, random } = this.#options;
    const { status, retryAfterMs } = failure instanceof ApiError ? failure : { status: -1 };
    if (status === 0 && !isOnline()) {
      this.#replace(nonce, (message) => ({ ...message, state: "waiting" }));
    } else if (PASSING_STATUSES.includes(status)) {
      this.#refusals += 1;
      const waitMs = backoffMs(this.#refusals, random(), retryAfterMs);
      const retryAt = now() + waitMs;
      this.#replace(nonce, (message) => ({ ...message, state: "waiting", failure, retryAt }));
      clearTimeout(this.#timer);
      this.#timer = setTimeout(this.wake, waitMs);
    } else {
      this.#replace(nonce, (message) => ({ ...message, state: "failed", failure }));
    }
  }

  #settle({ id, nonce, type }: Comment): void {
    if (type !== "human" || !this.#messages.some((message) => message.nonce === nonce)) return;
    this.#nonceOfId.set(id, nonce as string);
    this.discard(nonce as string);
  }

  #replace(nonce: string, change: (message: OutgoingMessage) => OutgoingMessage): void {
    if (!this.#messages.some((message) => message.nonce === nonce)) return;
    this.#show(
      this.#messages.map((message) => (message.nonce === nonce ? change(message) : message)),
    );
  }

  #show(messages: readonly OutgoingMessage[]): void {
    if (messages.length === 0 && this.#messages.length === 0) return;
    this.#messages = messages;
    this.#listeners.notify();
  }
}

/** The message without the outbox's own notes: every field that the wall is sent. */
export function draftOf(message: OutgoingMessage): Draft {
  const { writtenAt: _at, state: _state, failure: _failure, retryAt: _retryAt, ...draft } = message;
  return draft;
}

/** Not refused: nothing answered, or something in front of the wall did. */
function foundNoWall({ state, failure }: OutgoingMessage): boolean {
  const isLost = failure instanceof ApiError && (failure.status === 0 || failure.status >= 500);
  return state === "failed" && isLost;
}

function asSending({ failure: _, retryAt: __, ...message }: OutgoingMessage): OutgoingMessage {
  return { ...message, state: "sending" };
}
