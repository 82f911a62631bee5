/** Messages that were sent over the live channel and are not answered yet. */
import type { Comment, Draft } from "#schema/comment";
import {
  LIVE_MESSAGE_MAX_BYTES,
  type MessageFromPage,
  type RefusedMessage,
} from "#schema/live/messages";
import type { Problem } from "#schema/problem";
import { ApiError } from "../api/request";
import type { After } from "./clocks";

/** A post without an answer is sent over HTTP after this. */
export const POST_ANSWER_WITHIN_MS = 5_000;

interface Waiting {
  resolve: (comment: Comment | null) => void;
  reject: (error: ApiError) => void;
  cancel: () => void;
}

export class Posts {
  readonly #after: After;
  readonly #waiting = new Map<string, Waiting>();

  constructor(after: After) {
    this.#after = after;
  }

  /**
   * Sends a message. Returns `null` if it can't go over the channel: without a nonce, too long, sent already, or not
   * taken by `send`. The promise resolves to `null` when the message has to go over HTTP, because the channel was lost
   * or, after a call of `onLate`, because no answer came in time. It rejects with an `ApiError` if the wall refuses.
   */
  send(
    draft: Draft,
    send: (text: string) => boolean,
    onLate: () => void,
  ): Promise<Comment | null> | null {
    const { nonce } = draft;
    if (nonce === undefined || this.#waiting.has(nonce)) return null;
    const text = JSON.stringify({ post: { ...draft, nonce } } satisfies MessageFromPage);
    if (bytesIn(text) > LIVE_MESSAGE_MAX_BYTES || !send(text)) return null;
    return new Promise((resolve, reject) => {
      const cancel = this.#after(POST_ANSWER_WITHIN_MS, () => {
        onLate();
        this.#end(nonce, ({ resolve }) => resolve(null));
      });
      this.#waiting.set(nonce, { resolve, reject, cancel });
    });
  }

  /** The wall stored a message, of this page or another. */
  stored(nonce: string, comment: Comment): void {
    this.#end(nonce, ({ resolve }) => resolve(comment));
  }

  refused({ refused, problem, retryAfterSeconds: seconds }: RefusedMessage): void {
    const error = new ApiError(problem.status, problem as Problem, seconds && seconds * 1_000);
    this.#end(refused, ({ reject }) => reject(error));
  }

  /** The channel is lost: all messages without an answer go over HTTP. */
  lost(): void {
    for (const nonce of [...this.#waiting.keys()]) this.#end(nonce, ({ resolve }) => resolve(null));
  }

  #end(nonce: string, answer: (waiting: Waiting) => void): void {
    const waiting = this.#waiting.get(nonce);
    if (!waiting) return;
    this.#waiting.delete(nonce);
    waiting.cancel();
    answer(waiting);
  }
}

export function bytesIn(text: string): number {
  return new TextEncoder().encode(text).length;
}
