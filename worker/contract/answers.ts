/** What the single writer answers when it is asked about one comment. */
import type { Comment, StoredComment } from "#schema/comment";

/** What is known of an id: a comment, nothing yet, or nothing ever again. */
export type Found = { state: "found"; comment: Comment } | NotFound | Busy;

/** More changes wait for their keys than may: nothing was changed, and it may be tried again. */
export type Busy = { state: "busy" };

export type NotFound = { state: "unsettled" } | { state: "absent" };

/** What came of a claim: another bot's lives, or nobody is to work on it any more. */
export type Claimed = Found | { state: "taken" } | { state: "processed" };

export type Released = Found | { state: "taken" };

export type Removed = { state: "removed" } | NotFound;

/** A page of the past as the single writer tells it. */
export interface PastPage {
  /** Newest first. */
  comments: StoredComment[];
  /** The id that the next page is behind. */
  nextBefore: string | null;
}

/** A message: the first one of its nonce, be it this one or an earlier one. */
export interface Accepted {
  comment: StoredComment;
  isNew: boolean;
  /** Whether its own key holds it. */
  isStored: boolean;
  isPaused?: undefined;
}

/** The wall takes no messages: an admin paused it, or it is being moved. */
export interface Paused {
  isPaused: true;
  comment?: undefined;
}
