/** The single writer's answers about one comment. */
import type { Comment, StoredComment } from "#schema/comment";
import type { SenderBlock, Undone } from "#schema/moderation";

/** The answer about an id: its comment, or why there is none. */
export type Found = { state: "found"; comment: Comment } | NotFound | Busy;

/** Too many changes still wait to be written to their keys. The call changed nothing; retry later. */
export type Busy = { state: "busy" };

/**
 * `unsettled`: the comment is so young that it may still arrive; `absent`: it is older, by the single writer's clock;
 * `gone`: it was removed.
 */
export type NotFound = { state: "unsettled" } | { state: "absent" } | { state: "gone" };

/**
 * The result of a claim. `found`: the bot has the comment; `taken`: another bot's claim is live; `processed`: the
 * comment needs no more work.
 */
export type Claimed = Found | { state: "taken" } | { state: "processed" };

/** The result of a release. `found`: the bot has no claim any more; `taken`: another bot's claim is live. */
export type Released = Found | { state: "taken" };

export type Removed = { state: "removed" } | NotFound;

export type Reported = { state: "reported" } | NotFound;

/** The result of an undo. `over`: there is nothing to undo (any more); `removing`: the removal still runs. */
export type UndoAnswer = ({ state: "undone" } & Undone) | { state: "over" } | { state: "removing" };

/** The result of a removal by the author. `wrong`: the secret is not the message's; `late`: it came too late. */
export type OwnRemoved = Removed | { state: "wrong" } | { state: "late" };

/** A page of older messages from the single writer's SQLite. */
export interface PastPage {
  /** Newest first. */
  comments: StoredComment[];
  /** The next page holds the messages older than this id; `null` at the end. */
  nextBefore: string | null;
  /** Ids of removed messages in this stretch; an earlier release does not tell. */
  removed?: string[];
}

/** The single writer has taken a message. */
export interface Accepted {
  /** The message, or the first one with the same nonce. */
  comment: StoredComment;
  isNew: boolean;
  /** `false`: the message's own key does not hold it yet, and the caller must write it. */
  isStored: boolean;
  isPaused?: undefined;
  blockedUntil?: undefined;
}

/** The wall accepts no messages: an admin paused it, or it is being moved. */
export interface Paused {
  isPaused: true;
  comment?: undefined;
  blockedUntil?: undefined;
}

/** The wall accepts no messages from this sender until a time in ms. */
export interface Blocked {
  blockedUntil: number;
  comment?: undefined;
  isPaused?: undefined;
}

/** The result of a block. `unknown`: the sender is not known (any more); `full`: too many are blocked already. */
export type BlockAnswer =
  | { state: "blocked"; block: SenderBlock }
  | { state: "unknown" }
  | { state: "full" };
