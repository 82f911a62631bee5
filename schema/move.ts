/** Moving a wall's comments from one ledger to another, and bringing comments from elsewhere. */
import * as v from "valibot";
import { BotSchema, draftBotParams, draftFields, IdSchema } from "./comment";
import { timestampOf } from "./id";
import { IMPORT_EARLIEST_MS, IMPORT_MAX } from "./limits";
import { strictObject } from "./strict-object";

/** The body of a `POST /api/admin/move`: one step of the move. It goes one way. */
export const MoveSchema = strictObject({ to: v.literal("sqlite", 'must be "sqlite"') });

/**
 * A comment of an import: what a `POST` may say, under the same rules, with the id and the time that it
 * has already. A claim that it was read with is checked and left out: it ended long ago.
 */
const ImportedCommentSchema = v.pipe(
  strictObject({
    id: IdSchema,
    timestamp: v.pipe(
      v.number("must be a number"),
      v.integer("must be a whole number"),
      v.minValue(IMPORT_EARLIEST_MS, "must be in milliseconds, from the year 2000 on"),
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
      "must be the number before the dash of the id",
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
});

export type MovePhase = "counting" | "copying" | "verifying" | "done";

/** How far a move has come, after one step of it. */
export interface MoveProgress {
  phase: MovePhase;
  /** Keys of comments that this phase has seen. */
  seen: number;
  /** Keys that were counted; 0 until they are. */
  total: number;
  /** Values that are no comments, left where they are. */
  corrupt: number;
  /** Listed keys that could not be read in two minutes. */
  unreadable: number;
  /** Keys of this step that can't be read yet: the same step is to be asked for again. */
  waiting: number;
  /** SHA-256 over what the keys say and over what the rows say, in the order of the wall. */
  digests: { keys: string; rows: string };
}

/** How many comments an import brought, and how many were there already. */
export interface Imported {
  added: number;
  known: number;
}
