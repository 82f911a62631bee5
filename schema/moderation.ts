/** The calls that need the admin token: remove comments, pause posting, read the audit log. */
import * as v from "valibot";
import { strictObject } from "./check/strict-object";
import { cleanText, countCharacters } from "./check/text";
import { type Comment, IdSchema } from "./comment";
import { REASON_MAX_CHARACTERS, SECRET_MAX_CHARACTERS } from "./limits";

/** The reason of an admin, for the audit log, or of a person who reports a message, for admins. */
const reason = v.optional(
  v.pipe(
    v.string("must be a string"),
    v.transform(cleanText),
    v.check(
      (text) => countCharacters(text) <= REASON_MAX_CHARACTERS,
      `must have at most ${REASON_MAX_CHARACTERS} characters`,
    ),
  ),
);

/** Whether the replies of bots to the removed messages go too; `false` when absent. */
const replies = v.optional(v.boolean("must be true or false"));

/** The optional body of a `DELETE`. */
export const RemovalSchema = strictObject({ reason, replies });

/** The body of an admin's call that takes none. */
export const NoBodySchema = strictObject({});

/** The body of a `DELETE` by a message's author, who sends no token. */
export const OwnRemovalSchema = strictObject({
  secret: v.pipe(
    v.string("must be a string"),
    v.minLength(1, "must not be empty"),
    v.maxLength(SECRET_MAX_CHARACTERS, `must have at most ${SECRET_MAX_CHARACTERS} characters`),
  ),
});

/**
 * The body of a `POST /api/admin/removals`: removes everything that a comment's sender sent on its
 * day (UTC).
 */
export const SenderRemovalSchema = strictObject({ sentLike: IdSchema, reason, replies });

/** Comments removed so far. */
export interface RemovedOfSender {
  removed: number;
  /** Bots' replies to them that were removed too; absent without any. */
  replies?: number;
  /**
   * `false`: the wall continues with the rest by itself. Absent in answers of older releases, which
   * means `true`.
   */
  done?: boolean;
}

/** `GET /api/admin/removals/ID`: what a removal of this comment, or of its sender's messages, would take. */
export interface RemovalPreview {
  /** Bots' replies to the comment, among the newest 5,000 messages. */
  replies: number;
  /** All messages of the comment's sender on its day (UTC); absent if the sender is unknown. */
  sender?: SenderPreview;
}

export interface SenderPreview {
  /** Messages that are not removed yet. */
  messages: number;
  /** `false`: counting took too long, and there are more. */
  isAll: boolean;
  /** Bots' replies to them, among the newest 5,000 messages. */
  replies: number;
  /** Different names among the newest 100 of them, and some of these names, newest first. */
  nameCount: number;
  names: string[];
  /** Some of the newest of them, newest first. */
  newest: Comment[];
}

/** `POST /api/admin/removals/NUMBER/undo`: the messages that are back so far. */
export interface Undone {
  restored: number;
  /** `false`: the wall continues with the rest by itself. */
  done: boolean;
}

/** The body of a `POST /api/admin/blocks`: refuses posts from the sender of a comment for an hour or a day. */
export const BlockSchema = strictObject({
  sentLike: IdSchema,
  hours: v.picklist([1, 24], "must be 1 or 24"),
  reason,
});

/** A sender whose posts are refused. */
export interface SenderBlock {
  /** The id of its audit entry. */
  id: number;
  /** The sender's hash. */
  sender: string;
  /** In ms. */
  since: number;
  until: number;
}

/** The optional body of a `POST /api/comments/ID/report`. */
export const ReportSchema = strictObject({ reason });

/** A message that people reported. */
export interface ReportedComment {
  comment: Comment;
  /** The networks that reported it, up to a bound. */
  count: number;
  /** Some of the reasons that they gave, oldest first. */
  reasons: string[];
  /** Its neighbours and the message itself, newest first; alone if it is older than the newest 5,000. */
  around: Comment[];
}

/** `GET /api/admin/reports`: the messages with the most reports first. */
export interface ReportedComments {
  reported: ReportedComment[];
}

/** The body of a `PUT /api/admin/pause`. */
export const PauseSchema = strictObject({ paused: v.boolean("must be true or false"), reason });

export type AuditAction =
  | "remove"
  | "remove_sender"
  | "undo"
  | "dismiss"
  | "pause"
  | "unpause"
  | "block"
  | "unblock";

/** One entry of the audit log: never the token, never the removed text. */
export interface AuditEntry {
  /** Ascends with time. A removal is undone by it. */
  id: number;
  /** In ms. */
  at: number;
  deed: AuditAction;
  /** The comment's id, or the hash of the sender, that the call applied to. */
  target?: string;
  reason?: string;
  /** The name of the admin's token, if it has one. */
  by?: string;
}

/** A removal that can be undone. */
export interface UndoOffer {
  /** The id of its audit entry. */
  id: number;
  /** In ms. */
  until: number;
  /** Messages that an undo would bring back. */
  count: number;
  /** The undo has begun. */
  isUndoing?: true;
}

/** `GET /api/admin`. */
export interface Moderation {
  /** Whether posting is paused. */
  paused: boolean;
  /** Newest first. */
  audit: AuditEntry[];
  /**
   * Senders whose messages are being removed right now, with the number removed so far; absent when
   * there are none.
   */
  removing?: { sender: string; removed: number }[];
  /** The removals of the last 10 minutes that can be undone; absent when there are none. */
  undo?: UndoOffer[];
  /** The senders whose posts are refused; absent when there are none. */
  blocks?: SenderBlock[];
}
