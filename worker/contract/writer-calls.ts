/** The entrypoint's calls to the single writer: their types, the checks of their arguments, their transport. */
import type { RemovedIds } from "#schema/backup";
import type { CallName } from "#schema/calls";
import type { StoredComment } from "#schema/comment";
import type { Cursor } from "#schema/cursor";
import type {
  Moderation,
  RemovalPreview,
  RemovedOfSender,
  ReportedComment,
} from "#schema/moderation";
import type { Imported, MoveProgress } from "#schema/move";
import type { HistoryQuery, PendingQuery } from "#schema/read";
import type { Cleared } from "#schema/rpc";
import type { Health, Status } from "#schema/status";
import type {
  Accepted,
  BlockAnswer,
  Blocked,
  Busy,
  Claimed,
  Found,
  OwnRemoved,
  PastPage,
  Paused,
  Released,
  Removed,
  Reported,
  UndoAnswer,
} from "./answers";
import {
  type Check,
  checkBot,
  checkComment,
  checkComments,
  checkEntry,
  checkFlag,
  checkHours,
  checkId,
  checkIds,
  checkKnownNetwork,
  checkName,
  checkNetwork,
  checkReason,
  checkSeconds,
  checkSecret,
} from "./checks";
import type { Overlay, Stretch } from "./overlay";

/**
 * `network` is the sender's address or a part of it, for moderation; absent for a sender with a token. `by` is the name of
 * an admin's token, for the audit log; absent for a plain one.
 */
export interface WriterCalls {
  /**
   * A `Sync` as JSON: passing a string between isolates costs less than passing 500 objects. `polls` is the number
   * of polls that this isolate answered since its last sync.
   */
  sync(since?: Cursor, polls?: number): Promise<string>;
  notice(comment: StoredComment, network?: string): Promise<void>;
  /** Any message, on `sqlite`. @throws when the wall's comments are in KV. */
  append(draft: StoredComment, network?: string): Promise<Accepted | Paused | Blocked | null>;
  /** Until when posts from this network are refused, in ms; `null` if they are not. */
  blockedUntil(network: string): Promise<number | null>;
  /** A bot's message with a nonce, on `kv`. */
  accept(comment: StoredComment): Promise<Accepted | Paused | null>;
  patch(id: string, processed: boolean): Promise<Found>;
  /** `name`: as whom the bot will answer; absent if that is not shown. */
  claim(id: string, bot: string, seconds: number, name?: string): Promise<Claimed>;
  release(id: string, bot: string): Promise<Released>;
  /** `text` is a `Read` as JSON. `bot`: the name of the bot that reads, which is present from now on. */
  pending(query: PendingQuery, bot?: string): Promise<{ rebuiltAt: number; text: string }>;
  find(id: string): Promise<Found>;
  overlay(stretch: Stretch, listed: readonly string[]): Promise<Overlay>;
  history(query: HistoryQuery): Promise<PastPage>;
  status(): Promise<Status>;
  /** Not a use of the wall, and without an operation of the ledger. */
  health(): Promise<Health>;
  moderation(): Promise<Moderation>;
  pause(paused: boolean, reason?: string, by?: string): Promise<Pick<Moderation, "paused">>;
  /** `replies`: also remove the replies of bots. */
  remove(id: string, reason?: string, by?: string, replies?: boolean): Promise<Removed>;
  /** Removes a message for its author, who knows the secret whose hash is stored with it. */
  removeOwn(id: string, secret: string): Promise<OwnRemoved>;
  /** Counts a report of a comment; `network` as in `notice`. */
  report(id: string, network: string, reason?: string): Promise<Reported>;
  reported(): Promise<ReportedComment[]>;
  dismiss(id: string, by?: string): Promise<void>;
  /** `null` when the comment's sender was never known, or has been forgotten. `replies` as in `remove`. */
  removeSender(
    id: string,
    reason?: string,
    by?: string,
    replies?: boolean,
  ): Promise<RemovedOfSender | null>;
  /** Counts the messages that a removal would take. Changes nothing. */
  previewRemoval(id: string): Promise<RemovalPreview>;
  /** Undoes the removal with this audit entry. */
  undoRemoval(entry: number, by?: string): Promise<UndoAnswer>;
  /** Refuses posts from the sender of a comment for some hours. */
  block(id: string, hours: number, reason?: string, by?: string): Promise<BlockAnswer>;
  /** Ends the block with this audit entry. */
  unblock(entry: number, by?: string): Promise<void>;
  /** `removed`: ids of removed comments, which are removed here before the comments are taken. */
  import(comments: readonly StoredComment[], removed?: readonly string[]): Promise<Imported | Busy>;
  /** The ids removed after a cursor, a page at a time. `end`: see `RemovalLog.since`. */
  removedSince(since?: Cursor, end?: number): Promise<RemovedIds>;
  /** One step of moving the wall's comments from KV into the writer's SQLite. */
  move(): Promise<MoveProgress>;
  /** Deletes the wall, a limited number of keys in each call. */
  clear(): Promise<Cleared>;
}

/** Implements some of the calls, synchronously or with a promise. */
export type Answering<Name extends keyof WriterCalls> = {
  [Each in Name]: (
    ...args: Parameters<WriterCalls[Each]>
  ) => ReturnType<WriterCalls[Each]> | Awaited<ReturnType<WriterCalls[Each]>>;
};

/** The checks of each call's arguments, in order. The entrypoint has validated client input before; these throw. */
const CHECKS: Record<keyof WriterCalls, readonly Check[]> = {
  sync: [],
  notice: [checkComment, checkNetwork],
  append: [checkComment, checkNetwork],
  blockedUntil: [checkKnownNetwork],
  accept: [checkComment],
  patch: [checkId, checkFlag],
  claim: [checkId, checkBot, checkSeconds, checkName],
  release: [checkId, checkBot],
  pending: [() => {}, checkName],
  find: [checkId],
  overlay: [],
  history: [],
  status: [],
  health: [],
  moderation: [],
  pause: [checkFlag, checkReason, checkName],
  remove: [checkId, checkReason, checkName],
  removeOwn: [checkId, checkSecret],
  report: [checkId, checkKnownNetwork, checkReason],
  reported: [],
  dismiss: [checkId, checkName],
  removeSender: [checkId, checkReason, checkName],
  previewRemoval: [checkId],
  undoRemoval: [checkEntry, checkName],
  block: [checkId, checkHours, checkReason, checkName],
  unblock: [checkEntry, checkName],
  import: [checkComments, checkIds],
  removedSince: [],
  move: [],
  clear: [],
};

/** Sent with each call. */
export interface CallContext {
  wall: string;
  /** The request's id, for the logs. */
  request?: string | undefined;
}

/** The Durable Object's single method, through which every call arrives. */
export interface CalledObject {
  call(context: CallContext, name: CallName, args: readonly unknown[]): Promise<unknown>;
}

/** `calls.claim(id, bot, seconds)` becomes `object.call(context, "claim", [id, bot, seconds])`. */
export function callsTo(object: CalledObject, context: CallContext): WriterCalls {
  return callsBy((name, args) => object.call(context, name, args));
}

/** An object whose methods all pass through one function. */
export function callsBy(
  call: (name: CallName, args: readonly unknown[]) => Promise<unknown>,
): WriterCalls {
  return new Proxy({} as WriterCalls, {
    get: (_, name) =>
      // Without this, a promise that resolves with this object would take it for a promise.
      name === "then" ? undefined : (...args: unknown[]) => call(name as CallName, args),
  });
}

/** @throws {RangeError} for an unknown call, or for arguments that must not reach storage. */
export function checkCall(name: string, args: readonly unknown[]): void {
  if (!Object.hasOwn(CHECKS, name)) throw new RangeError(`the single writer has no call ${name}`);
  for (const [index, check] of CHECKS[name as CallName].entries()) check(args[index] as never);
}
