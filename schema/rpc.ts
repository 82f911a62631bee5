/** The calls from the page's route handlers to the companion Worker: the complete list. */
import type { RemovedIds } from "./backup";
import type { PresentBots } from "./bots";
import type { Comment } from "./comment";
import type { Cursor } from "./cursor";
import type {
  Moderation,
  RemovalPreview,
  RemovedOfSender,
  ReportedComments,
  SenderBlock,
  Undone,
} from "./moderation";
import type { Imported, MoveProgress } from "./move";
import type { Outcome } from "./problem";
import type { HistoryQuery, PendingQuery, ReadQuery } from "./read";
import type { Health, Status } from "./status";

/** The caller, as far as HTTP identifies one. */
export interface Caller {
  /** The bearer token, if one was sent. */
  token?: string;
  /** The client's address from the platform, never from the client. */
  address?: string;
  /** Identifies the request in the logs of every part it passes through. */
  request?: string;
}

/** One step of emptying a wall: whether another call is needed. */
export interface Cleared {
  more: boolean;
}

/** An answer to a poll, serialised once and passed on unchanged. */
export interface SerialisedRead {
  etag: string;
  rebuiltAt: number;
  /** UTF-8 JSON of a `Read`; `null` when the caller already has it (`304`). */
  body: Uint8Array | null;
}

/** An answer that is serialised for each caller. */
export interface SerialisedPage {
  rebuiltAt: number;
  /** UTF-8 JSON of a `Read`. */
  body: Uint8Array;
}

/** The outcome of a `POST`: `created` is false when the nonce was already known. */
export interface Posted {
  comment: Comment;
  created: boolean;
}

/**
 * The first argument is the wall's name. Bodies arrive as parsed JSON, not yet validated. Calls
 * that don't depend on the caller take only `request`, for the logs.
 */
export interface CommentsRpc {
  read(
    wall: string,
    query: ReadQuery,
    ifNoneMatch?: string,
    request?: string,
  ): Promise<Outcome<SerialisedRead>>;
  history(wall: string, caller: Caller, query: HistoryQuery): Promise<Outcome<SerialisedPage>>;
  find(wall: string, id: string, request?: string): Promise<Outcome<Comment>>;
  post(wall: string, caller: Caller, draft: unknown): Promise<Outcome<Posted>>;
  patch(wall: string, caller: Caller, id: string, patch: unknown): Promise<Outcome<Comment>>;
  claim(wall: string, caller: Caller, id: string, claim: unknown): Promise<Outcome<Comment>>;
  release(wall: string, caller: Caller, id: string, release: unknown): Promise<Outcome<Comment>>;
  /** `report` may be absent. */
  report(wall: string, caller: Caller, id: string, report: unknown): Promise<Outcome<null>>;
  reported(wall: string, caller: Caller): Promise<Outcome<ReportedComments>>;
  /** Deletes the reports of a comment, and leaves the comment. */
  dismiss(wall: string, caller: Caller, id: string): Promise<Outcome<null>>;
  /** `removal` may be absent; without a token it is the author's, with a secret. */
  remove(wall: string, caller: Caller, id: string, removal: unknown): Promise<Outcome<null>>;
  removeSender(wall: string, caller: Caller, removal: unknown): Promise<Outcome<RemovedOfSender>>;
  previewRemoval(wall: string, caller: Caller, id: string): Promise<Outcome<RemovalPreview>>;
  /** `entry` is the id of the removal's audit entry. */
  undoRemoval(wall: string, caller: Caller, entry: string, body: unknown): Promise<Outcome<Undone>>;
  block(wall: string, caller: Caller, block: unknown): Promise<Outcome<SenderBlock>>;
  /** `entry` is the id of the block's audit entry. */
  unblock(wall: string, caller: Caller, entry: string): Promise<Outcome<null>>;
  moderation(wall: string, caller: Caller): Promise<Outcome<Moderation>>;
  pause(wall: string, caller: Caller, pause: unknown): Promise<Outcome<Pick<Moderation, "paused">>>;
  move(wall: string, caller: Caller, move: unknown): Promise<Outcome<MoveProgress>>;
  importComments(wall: string, caller: Caller, comments: unknown): Promise<Outcome<Imported>>;
  /** A page of history with the ids of the removed comments between its comments. */
  exportPage(wall: string, caller: Caller, query: HistoryQuery): Promise<Outcome<SerialisedPage>>;
  removals(wall: string, caller: Caller, since?: Cursor): Promise<Outcome<RemovedIds>>;
  /** `caller` was only the request's id in the previous release, or absent. */
  pending(
    wall: string,
    query: PendingQuery,
    caller?: Caller | string,
  ): Promise<Outcome<SerialisedPage>>;
  bots(wall: string, request?: string): Promise<Outcome<PresentBots>>;
  status(wall: string, request?: string): Promise<Status>;
  health(wall: string, request?: string): Promise<Health>;
  /** Empties a preview's wall; refused for any other. */
  clear(wall: string, caller: Caller): Promise<Outcome<Cleared>>;
}
