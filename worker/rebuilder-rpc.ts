/** The calls that the entrypoint makes to the single writer. */
import type { StoredComment } from "#schema/comment";
import type { Cursor } from "#schema/cursor";
import type { Moderation, RemovedOfSender } from "#schema/moderation";
import type { Imported, MoveProgress } from "#schema/move";
import type { HistoryQuery, PendingQuery } from "#schema/read";
import type { Status } from "#schema/status";
import type { Accepted, Claimed, Found, PastPage, Paused, Released, Removed } from "./answers";
import type { Clock } from "./clock";
import { inTime } from "./deadline";
import type { Overlay, Stretch } from "./overlay";

/** How long the rebuilder may take before it counts as away. */
export const REBUILDER_TIMEOUT_MS = 3_000;

/** What the entrypoint asks of the single writer; every call names the wall. */
export interface RebuilderRpc {
  /**
   * A `Sync` as JSON: bytes cost less between isolates than 500 objects. `polls` are those that this
   * isolate answered since it last said so.
   */
  sync(wall: string, since?: Cursor, polls?: number): Promise<string>;
  /** `network` says from where it was sent, where moderation may ask for that. */
  notice(wall: string, comment: StoredComment, network?: string): Promise<void>;
  overlay(wall: string, stretch: Stretch, listed: readonly string[]): Promise<Overlay>;
  find(wall: string, id: string): Promise<Found>;
  patch(wall: string, id: string, processed: boolean): Promise<Found>;
  claim(wall: string, id: string, bot: string, seconds: number): Promise<Claimed>;
  release(wall: string, id: string, bot: string): Promise<Released>;
  remove(wall: string, id: string, reason?: string): Promise<Removed>;
  removeSender(wall: string, id: string, reason?: string): Promise<RemovedOfSender | null>;
  pause(wall: string, paused: boolean, reason?: string): Promise<Pick<Moderation, "paused">>;
  moderation(wall: string): Promise<Moderation>;
  bring(wall: string, comments: readonly StoredComment[]): Promise<Imported>;
  move(wall: string): Promise<MoveProgress>;
  /** `text` is a `Read` as JSON. */
  pending(wall: string, query: PendingQuery): Promise<{ rebuiltAt: number; text: string }>;
  accept(wall: string, comment: StoredComment): Promise<Accepted | Paused | null>;
  append(wall: string, draft: StoredComment, network?: string): Promise<Accepted | Paused | null>;
  history(wall: string, query: HistoryQuery): Promise<PastPage>;
  status(wall: string): Promise<Status>;
}

/** Asks the single writer. */
export class Asker {
  readonly #clock: Clock;
  readonly #rebuilder: () => RebuilderRpc;

  /** `rebuilder` makes a stub anew for each call: a stub that failed once keeps failing. */
  constructor(clock: Clock, rebuilder: () => RebuilderRpc) {
    this.#clock = clock;
    this.#rebuilder = rebuilder;
  }

  /**
   * Asks the rebuilder, once more where the platform says that this may help.
   * @throws {LateError} when both tries together take longer than `REBUILDER_TIMEOUT_MS`.
   */
  ask<T>(question: (rebuilder: RebuilderRpc) => Promise<T>): Promise<T> {
    return inTime(this.#clock, REBUILDER_TIMEOUT_MS, "the rebuilder", this.#askTwice(question));
  }

  async #askTwice<T>(question: (rebuilder: RebuilderRpc) => Promise<T>): Promise<T> {
    const latest = this.#clock.now() + REBUILDER_TIMEOUT_MS;
    try {
      return await question(this.#rebuilder());
    } catch (error) {
      if (!isRetryable(error) || this.#clock.now() >= latest) throw error;
      return question(this.#rebuilder());
    }
  }
}

/** The platform marks errors after which a new stub may do better. */
function isRetryable(error: unknown): boolean {
  return (error as { retryable?: boolean } | null)?.retryable === true && !isOverloaded(error);
}

/** The object has more calls than it can answer: every retry on the spot adds to them. */
export function isOverloaded(error: unknown): boolean {
  return (error as { overloaded?: boolean } | null)?.overloaded === true;
}
