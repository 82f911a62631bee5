/** Moving a wall's comments between ledgers, and importing comments from elsewhere. */
import * as v from "valibot";
import { strictObject } from "./check/strict-object";
import { BotSchema, draftBotParams, draftFields, IdSchema } from "./comment";
import { timestampOf } from "./id";
import { IMPORT_EARLIEST_MS, IMPORT_MAX } from "./limits";

/** The body of a `POST /api/admin/move`: one step of the move, which goes one way. */
export const MoveSchema = strictObject({ to: v.literal("sqlite", 'must be "sqlite"') });

/**
 * An imported comment: the fields of a `POST`, under the same rules, with an existing id and
 * timestamp. A claim is validated and dropped: it ended long ago.
 */
const ImportedCommentSchema = v.pipe(
  strictObject({
    id: IdSchema,
    timestamp: v.pipe(
      v.number("must be a number"),
      v.integer("must be a whole number"),
      v.minValue(IMPORT_EARLIEST_MS, "must be in milliseconds, and 2000-01-01 or later"),
    ),
    ...draftFields,
    botParams: v.optional(
      v.pipe(
        strictObject({
          ...draftBotParams,
          claimedBy: v.optional(BotSchema),
          claimedUntil: v.optional(
            v.pipe(v.number("must be a number"), v.integer("must be a whole number")),
          ),
        }),
        v.transform(({ claimedBy: _bot, claimedUntil: _until, ...botParams }) => botParams),
      ),
    ),
  }),
  v.forward(
    v.partialCheck(
      [["id"], ["timestamp"]],
      ({ id, timestamp }) => timestampOf(id) === timestamp,
      "must equal the number before the dash in the id",
    ),
    ["timestamp"],
  ),
);

export type ImportedComment = v.InferOutput<typeof ImportedCommentSchema>;

/** The body of a `POST /api/admin/import`. */
export const ImportSchema = strictObject({
  comments: v.pipe(
    v.array(ImportedCommentSchema, "must be a list of comments"),
    v.maxLength(IMPORT_MAX, `must be at most ${IMPORT_MAX} comments`),
  ),
  /** Ids of removed comments. Each is removed here too, before the comments are taken, or refused from now on. */
  removed: v.optional(
    v.pipe(
      v.array(IdSchema, "must be a list of ids"),
      v.maxLength(IMPORT_MAX, `must be at most ${IMPORT_MAX} ids`),
    ),
  ),
});

export type MovePhase = "counting" | "copying" | "verifying" | "done";

/** Progress of a move after one step. */
export interface MoveProgress {
  phase: MovePhase;
  /** Comment keys seen in this phase. */
  seen: number;
  /** Total number of keys; 0 until they are counted. */
  total: number;
  /** Values that are not comments; they stay where they are. */
  corrupt: number;
  /** Listed keys that stayed unreadable for two minutes. */
  unreadable: number;
  /** Keys of this step that can't be read yet: repeat the same step. */
  waiting: number;
  /** SHA-256 of the contents of the keys and of the rows, in the order of the wall. */
  digests: { keys: string; rows: string };
}

/** Comments added by an import, and comments that existed already or were removed before. */
export interface Imported {
  added: number;
  known: number;
  /** With `removed` in the request: comments that were on the wall and are removed now. */
  removed?: number;
  /** With `removed` in the request: ids that the wall did not know, and refuses from now on. */
  remembered?: number;
}
