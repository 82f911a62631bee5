/** Asks the single writer, with a deadline, and once more where the platform says that this may help. */
import type { Clock } from "../platform/clock";
import { inTime } from "../platform/deadline";
import type { WriterCalls } from "./writer-calls";

/** A writer that takes longer counts as away. */
export const WRITER_TIMEOUT_MS = 3_000;

export class Asker {
  readonly #clock: Clock;
  readonly #writer: () => WriterCalls;

  /** `writer` makes a new stub for each call: a stub that failed once keeps failing. */
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

/** The platform marks errors after which a new stub may do better. */
function isRetryable(error: unknown): boolean {
  return (error as { retryable?: boolean } | null)?.retryable === true && !isOverloaded(error);
}

/** The object has more calls than it can answer: every immediate retry adds to them. */
export function isOverloaded(error: unknown): boolean {
  return (error as { overloaded?: boolean } | null)?.overloaded === true;
}
