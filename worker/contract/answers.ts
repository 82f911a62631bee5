/** The single writer's answers about one comment. */
import type { Comment, StoredComment } from "#schema/comment";

/** The state of an id: a comment, none yet (it may still arrive), or none at all. */
export type Found = { state: "found"; comment: Comment } | NotFound | Busy;

/** Too many changes wait for their key writes. The call changed nothing; retry later. */
export type Busy = { state: "busy" };

export type NotFound = { state: "unsettled" } | { state: "absent" };

/** The result of a claim. `taken`: another bot's claim is live; `processed`: the comment needs no more work. */
export type Claimed = Found | { state: "taken" } | { state: "processed" };

export type Released = Found | { state: "taken" };

export type Removed = { state: "removed" } | NotFound;

/** A page of older messages from the single writer's rows. */
export interface PastPage {
  /** Newest first. */
  comments: StoredComment[];
  /** The next page holds the messages older than this id; `null` at the end. */
  nextBefore: string | null;
}

/** The stored message. With a nonce that was used before, it is the first message with that nonce. */
export interface Accepted {
  comment: StoredComment;
  isNew: boolean;
  /** Whether the message's own key holds it already. */
  isStored: boolean;
  isPaused?: undefined;
}

/** The wall accepts no messages: an admin paused it, or it is being moved. */
export interface Paused {
  isPaused: true;
  comment?: undefined;
}
