/** Memory that a comment takes; it bounds the stores that hold many comments. */
import type { Change } from "./change";
import type { Comment, NewComment } from "./comment";
import {
  BOT_NAME_MAX_CHARACTERS,
  ENTITY_MAX_CHARACTERS,
  NONCE_MAX_CHARACTERS,
  SECRET_HASH_CHARACTERS,
  TEXT_MAX_CHARACTERS,
  USERNAME_MAX_CHARACTERS,
} from "./limits";

/**
 * The objects, the fixed-length fields and the entries in maps and lists that hold them. Measured
 * by `npm run bench -- memory`, and rounded up.
 */
const COMMENT_FIXED_BYTES = 600;

/** V8 stores a string as two bytes a unit, or one if it is all Latin-1. */
const BYTES_PER_UNIT = 2;

/** Upper estimate of a comment's size in memory, in bytes. */
export function bytesOf(comment: Comment & Pick<NewComment, "secretHash">): number {
  const { text, username, nonce = "", secretHash = "", botParams } = comment;
  const { entity = "", claimedBy = "" } = botParams;
  const strings = [text, username, nonce, secretHash, entity, claimedBy];
  const units = strings.reduce((sum, { length }) => sum + length, 0);
  return COMMENT_FIXED_BYTES + units * BYTES_PER_UNIT;
}

/** The size of the longest comment anyone may send: each of its characters may take two units. */
export const COMMENT_BYTES_MAX =
  COMMENT_FIXED_BYTES +
  BYTES_PER_UNIT * (NONCE_MAX_CHARACTERS + SECRET_HASH_CHARACTERS) +
  2 *
    BYTES_PER_UNIT *
    (TEXT_MAX_CHARACTERS +
      USERNAME_MAX_CHARACTERS +
      ENTITY_MAX_CHARACTERS +
      BOT_NAME_MAX_CHARACTERS);

/** The size of a change that removed a comment. */
const REMOVAL_BYTES = 150;

export function bytesOfChange(change: Change): number {
  return "removed" in change ? REMOVAL_BYTES : bytesOf(change.comment);
}
