/** The comment as sent, as read and as stored. */
import * as v from "valibot";
import { strictObject } from "./check/strict-object";
import { cleanName, cleanText, countCharacters } from "./check/text";
import { COLOR_PATTERN } from "./color";
import { ID_PATTERN } from "./id";
import {
  BOT_NAME_MAX_CHARACTERS,
  CLAIM_MAX_SECONDS,
  CLAIM_MIN_SECONDS,
  ENTITY_MAX_CHARACTERS,
  NONCE_MAX_CHARACTERS,
  PRIORITY_MAX,
  SECRET_HASH_CHARACTERS,
  TEXT_MAX_CHARACTERS,
  USERNAME_MAX_CHARACTERS,
} from "./limits";

const lengthFrom1To = (max: number) =>
  v.check<string, string>((text) => {
    const length = countCharacters(text);
    return length >= 1 && length <= max;
  }, `must have 1 to ${max} characters after cleaning`);

const text = v.pipe(
  v.string("must be a string"),
  v.transform(cleanText),
  lengthFrom1To(TEXT_MAX_CHARACTERS),
);
export const UsernameSchema = v.pipe(
  v.string("must be a string"),
  v.transform(cleanName),
  lengthFrom1To(USERNAME_MAX_CHARACTERS),
);
export const EntitySchema = v.pipe(
  v.string("must be a string"),
  v.transform(cleanName),
  lengthFrom1To(ENTITY_MAX_CHARACTERS),
);
/** Identifies one running process. */
export const BotSchema = v.pipe(
  v.string("must be a string"),
  v.transform(cleanName),
  lengthFrom1To(BOT_NAME_MAX_CHARACTERS),
);
const seconds = v.pipe(
  v.number("must be a number"),
  v.integer("must be a whole number"),
  v.minValue(CLAIM_MIN_SECONDS, `must be at least ${CLAIM_MIN_SECONDS}`),
  v.maxValue(CLAIM_MAX_SECONDS, `must be at most ${CLAIM_MAX_SECONDS}`),
);
const color = v.pipe(
  v.string("must be a string"),
  v.regex(COLOR_PATTERN, "must be a colour like #1e90ff"),
  v.toLowerCase(),
);
export const IdSchema = v.pipe(
  v.string("must be a string"),
  v.regex(ID_PATTERN, "must be a comment id: 13 digits, a dash, then 10 characters of 0-9a-z"),
);
const id = IdSchema;
const nonce = v.pipe(
  v.string("must be a string"),
  v.regex(
    new RegExp(`^[A-Za-z0-9_-]{8,${NONCE_MAX_CHARACTERS}}$`),
    `must be 8 to ${NONCE_MAX_CHARACTERS} characters of A-Z a-z 0-9 _ -`,
  ),
);
const priority = v.pipe(
  v.number("must be a number"),
  v.integer("must be a whole number"),
  v.minValue(0, "must be at least 0"),
  v.maxValue(PRIORITY_MAX, `must be at most ${PRIORITY_MAX}`),
);
const type = v.picklist(["human", "bot"], 'must be "human" or "bot"');
const processed = v.boolean("must be true or false");

/** 32 bytes as base64url: the last of 43 characters stands for 4 bits, and two unused ones that are zero. */
const secretHash = v.pipe(
  v.string("must be a string"),
  v.regex(
    new RegExp(`^[A-Za-z0-9_-]{${SECRET_HASH_CHARACTERS - 1}}[AEIMQUYcgkosw048]$`),
    "must be a SHA-256 digest as base64url without padding",
  ),
);

/** The fields of a draft; an import applies the same rules. */
export const draftBotParams = {
  entity: v.optional(EntitySchema),
  priority: v.optional(priority),
  processed: v.optional(processed),
};
export const draftFields = {
  text,
  username: v.optional(UsernameSchema),
  color: v.optional(color),
  replyTo: v.optional(id),
  nonce: v.optional(nonce),
  type: v.optional(type),
  botParams: v.optional(strictObject(draftBotParams)),
};

/**
 * The body of a `POST`. Unknown fields are refused, not dropped. `secretHash` lets the author take the message down;
 * no answer contains it.
 */
export const DraftSchema = strictObject({ ...draftFields, secretHash: v.optional(secretHash) });

/** The body of a `PATCH`. */
export const PatchSchema = strictObject({ botParams: strictObject({ processed }) });

/** The body of a claim, and of a release. `name`: as whom the bot will answer, shown while the claim lives. */
export const ClaimSchema = strictObject({
  bot: BotSchema,
  seconds,
  name: v.optional(UsernameSchema),
});
export const ReleaseSchema = strictObject({ bot: BotSchema });

/**
 * A comment as everybody reads it. Fields are only added: readers ignore fields they do not know.
 */
export const CommentSchema = v.object({
  id,
  timestamp: v.pipe(v.number(), v.integer()),
  text: v.string(),
  username: v.string(),
  color: v.string(),
  type,
  replyTo: v.optional(id),
  nonce: v.optional(v.string()),
  botParams: v.object({
    entity: v.optional(v.string()),
    priority: v.optional(v.number()),
    processed: v.optional(v.boolean()),
    claimedBy: v.optional(v.string()),
    claimedUntil: v.optional(v.number()),
  }),
});

/** The sequence of the change that a stored value carries; the higher of two values wins. */
const sequence = v.optional(v.pipe(v.number(), v.integer()), 0);

/** A comment as stored under its own key: the public fields, and those that readers never see. */
const StoredCommentSchema = v.object({
  ...CommentSchema.entries,
  secretHash: v.optional(v.string()),
  sequence,
});

/** Stored under the key of a comment that was merged into an earlier copy of itself. */
const StoredMergeSchema = v.object({ id, mergedInto: id, sequence });

/** Stored under the key of a removed comment: nothing of its text or author. */
const StoredRemovalSchema = v.object({ id, removed: v.literal(true), sequence });

export const StoredRecordSchema = v.union([
  StoredMergeSchema,
  StoredRemovalSchema,
  StoredCommentSchema,
]);

export type Draft = v.InferInput<typeof DraftSchema>;
export type CleanDraft = v.InferOutput<typeof DraftSchema>;
export type Patch = v.InferOutput<typeof PatchSchema>;
export type Comment = v.InferOutput<typeof CommentSchema>;
export type StoredComment = v.InferOutput<typeof StoredCommentSchema>;
/** A comment that has no sequence yet. */
export type NewComment = Omit<StoredComment, "sequence">;
export type StoredRemoval = v.InferOutput<typeof StoredRemovalSchema>;
export type StoredRecord = v.InferOutput<typeof StoredRecordSchema>;

/** Whether a record is a comment to show, not a tombstone or a merge. */
export function isStoredComment(record: StoredRecord): record is StoredComment {
  return !("mergedInto" in record || "removed" in record);
}
