/** What the holder of the admin token may do beyond reading: take down, pause, and see what was done. */
import * as v from "valibot";
import { IdSchema } from "./comment";
import { REASON_MAX_CHARACTERS } from "./limits";
import { strictObject } from "./strict-object";
import { cleanText, countCharacters } from "./text";

/** Why it was done, for the log: never shown to others. */
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

/** The body that a `DELETE` may have. */
export const RemovalSchema = strictObject({ reason });

/** The body of a `POST /api/admin/removals`: all that the sender of a comment sent on its day (UTC). */
export const SenderRemovalSchema = strictObject({ sentLike: IdSchema, reason });

/** How many were taken down by that so far. */
export interface RemovedOfSender {
  removed: number;
  /** `false`: the wall goes on with the rest by itself. Absent in answers of older releases, which means `true`. */
  done?: boolean;
}

/** The body of a `PUT /api/admin/pause`. */
export const PauseSchema = strictObject({ paused: v.boolean("must be true or false"), reason });

export type Deed = "remove" | "remove_sender" | "pause" | "unpause";

/** One deed of an admin: never the token, never what was taken down. */
export interface AuditEntry {
  /** In ms. */
  at: number;
  deed: Deed;
  /** The id of the comment, or the hash of the sender, that it was done to. */
  target?: string;
  reason?: string;
}

/** `GET /api/admin`. */
export interface Moderation {
  /** Whether the wall takes no messages. */
  paused: boolean;
  /** Newest first. */
  audit: AuditEntry[];
  /** Senders whose messages are being taken down right now, with how many went so far; absent when there are none. */
  removing?: { sender: string; removed: number }[];
}
