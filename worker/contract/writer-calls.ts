/** The calls that the entrypoint makes to the single writer: their types, what they may be given, and how they travel. */
import type { CallName } from "#schema/calls";
import type { StoredComment } from "#schema/comment";
import type { Cursor } from "#schema/cursor";
import type { Moderation, RemovedOfSender } from "#schema/moderation";
import type { Imported, MoveProgress } from "#schema/move";
import type { HistoryQuery, PendingQuery } from "#schema/read";
import type { Cleared } from "#schema/rpc";
import type { Status } from "#schema/status";
import type { Accepted, Claimed, Found, PastPage, Paused, Released, Removed } from "./answers";
import {
  type Check,
  checkBot,
  checkComment,
  checkComments,
  checkFlag,
  checkId,
  checkNetwork,
  checkReason,
  checkSeconds,
} from "./checks";
import type { Overlay, Stretch } from "./overlay";

/** `network` is the sender's address or a part of it, for moderation; absent with a token. */
export interface WriterCalls {
  /**
   * A `Sync` as JSON: a string costs less between isolates than 500 objects. `polls` is the number of polls that
   * this isolate answered since its last sync.
   */
  sync(since?: Cursor, polls?: number): Promise<string>;
  notice(comment: StoredComment, network?: string): Promise<void>;
  /** Any message, on `sqlite`. @throws when the wall's comments are in KV. */
  append(draft: StoredComment, network?: string): Promise<Accepted | Paused | null>;
  /** A bot's message with a nonce, on `kv`. */
  accept(comment: StoredComment): Promise<Accepted | Paused | null>;
  patch(id: string, processed: boolean): Promise<Found>;
  claim(id: string, bot: string, seconds: number): Promise<Claimed>;
  release(id: string, bot: string): Promise<Released>;
  /** `text` is a `Read` as JSON. */
  pending(query: PendingQuery): Promise<{ rebuiltAt: number; text: string }>;
  find(id: string): Promise<Found>;
  overlay(stretch: Stretch, listed: readonly string[]): Promise<Overlay>;
  history(query: HistoryQuery): Promise<PastPage>;
  status(): Promise<Status>;
  moderation(): Promise<Moderation>;
  pause(paused: boolean, reason?: string): Promise<Pick<Moderation, "paused">>;
  remove(id: string, reason?: string): Promise<Removed>;
  /** `null` when the comment's sender is not known, or not any more. */
  removeSender(id: string, reason?: string): Promise<RemovedOfSender | null>;
  import(comments: readonly StoredComment[]): Promise<Imported>;
  /** One step of moving the wall's comments from KV into the writer's SQLite. */
  move(): Promise<MoveProgress>;
  /** Deletes the wall, up to a number of keys a call. */
  clear(): Promise<Cleared>;
}

/** Answers some of the calls, at once or later. */
export type Answering<Name extends keyof WriterCalls> = {
  [Each in Name]: (
    ...args: Parameters<WriterCalls[Each]>
  ) => ReturnType<WriterCalls[Each]> | Awaited<ReturnType<WriterCalls[Each]>>;
};

/** The checks of each call's arguments, in order. The entrypoint has validated what clients sent; these throw. */
const CHECKS: Record<keyof WriterCalls, readonly Check[]> = {
  sync: [],
  notice: [checkComment, checkNetwork],
  append: [checkComment, checkNetwork],
  accept: [checkComment],
  patch: [checkId, checkFlag],
  claim: [checkId, checkBot, checkSeconds],
  release: [checkId, checkBot],
  pending: [],
  find: [checkId],
  overlay: [],
  history: [],
  status: [],
  moderation: [],
  pause: [checkFlag, checkReason],
  remove: [checkId, checkReason],
  removeSender: [checkId, checkReason],
  import: [checkComments],
  move: [],
  clear: [],
};

/** Travels with each call. */
export interface CallContext {
  wall: string;
  /** The request's id, for the logs. */
  request?: string | undefined;
}

/** The object, as it is called from outside. */
export interface CalledObject {
  call(context: CallContext, name: CallName, args: readonly unknown[]): Promise<unknown>;
}

/** Makes `calls.claim(id, bot, seconds)` of `object.call(context, "claim", [id, bot, seconds])`. */
export function callsTo(object: CalledObject, context: CallContext): WriterCalls {
  return callsBy((name, args) => object.call(context, name, args));
}

/** Calls that all pass through one function. */
export function callsBy(
  call: (name: CallName, args: readonly unknown[]) => Promise<unknown>,
): WriterCalls {
  return new Proxy({} as WriterCalls, {
    get: (_, name) =>
      // A promise that resolves with these must not take them for a promise.
      name === "then" ? undefined : (...args: unknown[]) => call(name as CallName, args),
  });
}

/** @throws {RangeError} for a call that does not exist, or arguments that may not reach storage. */
export function checkCall(name: string, args: readonly unknown[]): void {
  if (!Object.hasOwn(CHECKS, name)) throw new RangeError(`the single writer has no call ${name}`);
  for (const [index, check] of CHECKS[name as CallName].entries()) check(args[index] as never);
}
