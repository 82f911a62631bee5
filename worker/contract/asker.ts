/** Calls the single writer with a deadline, and retries once if the platform marks the error as retryable. */
import type { Clock } from "../platform/clock";
import { inTime } from "../platform/deadline";
import type { WriterCalls } from "./writer-calls";

/** A writer that takes longer counts as unavailable. */
export const WRITER_TIMEOUT_MS = 3_000;

export class Asker {
  readonly #clock: Clock;
  readonly #writer: () => WriterCalls;

  /** `writer` makes a new stub for each call, since a stub that failed once keeps failing. */
  constructor(clock: Clock, writer: () => WriterCalls) {
    this.#clock = clock;
    this.#writer = writer;
  }

  /** @throws {LateError} when both tries together take longer than `timeoutMs`. */
  ask<T>(
    question: (writer: WriterCalls) => Promise<T>,
    timeoutMs: number = WRITER_TIMEOUT_MS,
  ): Promise<T> {
    return inTime(this.#clock, timeoutMs, "the rebuilder", this.#askTwice(question, timeoutMs));
  }

  async #askTwice<T>(question: (writer: WriterCalls) => Promise<T>, timeoutMs: number): Promise<T> {
    const latest = this.#clock.now() + timeoutMs;
    try {
      return await question(this.#writer());
    } catch (error) {
      if (!isRetryable(error) || this.#clock.now() >= latest) throw error;
      return question(this.#writer());
    }
  }
}

/** The platform sets `retryable` on errors after which a new stub may succeed. */
function isRetryable(error: unknown): boolean {
  return (error as { retryable?: boolean } | null)?.retryable === true && !isOverloaded(error);
}

/** The object has more calls than it can answer, and every immediate retry adds to them. */
export function isOverloaded(error: unknown): boolean {
  return (error as { overloaded?: boolean } | null)?.overloaded === true;
}
