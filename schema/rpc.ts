/** What the page's route handlers may ask of the companion Worker: the whole of it. */
import type { Comment } from "./comment";
import type { Moderation, RemovedOfSender } from "./moderation";
import type { Imported, MoveProgress } from "./move";
import type { Outcome } from "./problem";
import type { HistoryQuery, PendingQuery, ReadQuery } from "./read";
import type { Status } from "./status";

/** Who is asking, as far as HTTP tells. */
export interface Caller {
  /** The bearer token, when one was sent. */
  token?: string;
  /** The client's address as the platform gives it, never as a client does. */
  address?: string;
  /** Names the request in the logs of all that it passes through. */
  request?: string;
}

/** What was done to empty a wall: whether there is more of it, for another call. */
export interface Cleared {
  more: boolean;
}

/** An answer to a poll, serialised once and passed on as it is. */
export interface SerialisedRead {
  etag: string;
  rebuiltAt: number;
  /** UTF-8 JSON of a `Read`; `null` when the caller already has it (`304`). */
  body: Uint8Array | null;
}

/** An answer that is made anew for each who asks. */
export interface SerialisedPage {
  rebuiltAt: number;
  /** UTF-8 JSON of a `Read`. */
  body: Uint8Array;
}

/** The outcome of a `POST`: `created` is false when the nonce was known already. */
export interface Posted {
  comment: Comment;
  created: boolean;
}

/**
 * The first argument is the wall's name. Bodies arrive as parsed JSON, not yet validated. Where nothing
 * depends on who asks, `request` comes alone, for the logs.
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
  /** `removal` may be absent. */
  remove(wall: string, caller: Caller, id: string, removal: unknown): Promise<Outcome<null>>;
  removeSender(wall: string, caller: Caller, removal: unknown): Promise<Outcome<RemovedOfSender>>;
  moderation(wall: string, caller: Caller): Promise<Outcome<Moderation>>;
  pause(wall: string, caller: Caller, pause: unknown): Promise<Outcome<Pick<Moderation, "paused">>>;
  move(wall: string, caller: Caller, move: unknown): Promise<Outcome<MoveProgress>>;
  importComments(wall: string, caller: Caller, comments: unknown): Promise<Outcome<Imported>>;
  /** `caller` was the request's name alone in the release before, or absent. */
  pending(
    wall: string,
    query: PendingQuery,
    caller?: Caller | string,
  ): Promise<Outcome<SerialisedPage>>;
  status(wall: string, request?: string): Promise<Status>;
  /** Empties the wall of a preview; refused for any other. */
  clear(wall: string, caller: Caller): Promise<Outcome<Cleared>>;
}
