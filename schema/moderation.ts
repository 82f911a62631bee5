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

/** The optional body of a `DELETE`. */
export const RemovalSchema = strictObject({ reason });

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
export const SenderRemovalSchema = strictObject({ sentLike: IdSchema, reason });

/** Comments removed so far. */
export interface RemovedOfSender {
  removed: number;
  /**
   * `false`: the wall continues with the rest by itself. Absent in answers of older releases, which
   * means `true`.
   */
  done?: boolean;
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

export type AuditAction = "remove" | "remove_sender" | "dismiss" | "pause" | "unpause";

/** One entry of the audit log: never the token, never the removed text. */
export interface AuditEntry {
  /** In ms. */
  at: number;
  deed: AuditAction;
  /** The comment's id, or the hash of the sender, that the call applied to. */
  target?: string;
  reason?: string;
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
}
