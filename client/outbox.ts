/**
 * Messages on their way. One at a time, in the order they were written; each keeps the nonce it was
 * given when it was written through every retry, so that it is one message however often it is sent.
 *
 *   send ──▶ sending ──201/200──▶ settled (gone from here; the store shows the comment)
 *              ▲  └───error──▶ failed ──discard──▶ gone
 *              └────retry────────┘
 *
 * A comment with the nonce that shows up in a read settles the message in either state: the POST
 * had arrived, only its answer was lost.
 */
import type { Comment, Draft } from "#schema/comment";

/** What a person writes, and as whom. */
export interface Words {
  text: string;
  username?: string;
  color?: string;
}

export interface OutgoingMessage extends Words {
  readonly nonce: string;
  /** By the sender's clock. */
  readonly writtenAt: number;
  readonly state: "sending" | "failed";
  /** Why it failed, as `post` threw it. */
  readonly failure?: unknown;
}

export interface OutboxOptions {
  post: (draft: Draft) => Promise<Comment>;
  /** Shows the comment; called before the message leaves the outbox, so that it never blinks. */
  onConfirmed: (comment: Comment) => void;
  makeNonce: () => string;
  now: () => number;
}

export class Outbox {
  readonly #options: OutboxOptions;
  readonly #listeners = new Set<() => void>();
  readonly #nonceOfId = new Map<string, string>();
  #messages: readonly OutgoingMessage[] = [];
  #draining = false;

  constructor(options: OutboxOptions) {
    this.#options = options;
  }

  readonly snapshot = (): readonly OutgoingMessage[] => this.#messages;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  send(words: Words): void {
    const { makeNonce, now } = this.#options;
    const message = { ...words, nonce: makeNonce(), writtenAt: now(), state: "sending" as const };
    this.#show([...this.#messages, message]);
    void this.#drain();
  }

  retry(nonce: string): void {
    this.#replace(nonce, ({ failure: _, ...message }) => ({ ...message, state: "sending" }));
    void this.#drain();
  }

  discard(nonce: string): void {
    this.#show(this.#messages.filter((message) => message.nonce !== nonce));
  }

  /** Comments of a read: those of ours among them have arrived. */
  settle(comments: readonly Comment[]): void {
    for (const comment of comments) this.#settle(comment);
  }

  /** The nonce under which a comment was written here: its row keeps it when it is confirmed. */
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
    return this.#messages.find(({ state }) => state === "sending");
  }

  async #attempt({ text, username, color, nonce }: OutgoingMessage): Promise<void> {
    const draft: Draft = { text, nonce };
    if (username) draft.username = username;
    if (color) draft.color = color;
    let comment: Comment;
    try {
      comment = await this.#options.post(draft);
    } catch (failure) {
      this.#replace(nonce, (message) => ({ ...message, state: "failed", failure }));
      return;
    }
    this.#options.onConfirmed(comment);
    this.#settle(comment);
    // A server that answers with another nonce than it was sent must not keep us sending.
    this.discard(nonce);
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
    for (const listener of this.#listeners) listener();
  }
}
