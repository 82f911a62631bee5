/** How much memory a comment takes: what is kept many times over is bounded by it. */
import type { Change } from "./change";
import type { Comment } from "./comment";
import {
  BOT_NAME_MAX_CHARACTERS,
  ENTITY_MAX_CHARACTERS,
  NONCE_MAX_CHARACTERS,
  TEXT_MAX_CHARACTERS,
  USERNAME_MAX_CHARACTERS,
} from "./limits";

/**
 * The objects, the fields of fixed length and the places in maps and lists that hold them. Measured by
 * `npm run bench -- memory`, and rounded up.
 */
const COMMENT_FIXED_BYTES = 600;

/** As V8 holds a text, unless all of it is Latin: then it takes half. */
const BYTES_PER_UNIT = 2;

/** About how many bytes a comment takes in memory, at most. */
export function bytesOf({ text, username, nonce = "", botParams }: Comment): number {
  const { entity = "", claimedBy = "" } = botParams;
  const units = text.length + username.length + nonce.length + entity.length + claimedBy.length;
  return COMMENT_FIXED_BYTES + units * BYTES_PER_UNIT;
}

/** The same of the longest comment that anyone may send: each character of it may be two units. */
export const COMMENT_BYTES_MAX =
  COMMENT_FIXED_BYTES +
  BYTES_PER_UNIT * NONCE_MAX_CHARACTERS +
  2 *
    BYTES_PER_UNIT *
    (TEXT_MAX_CHARACTERS +
      USERNAME_MAX_CHARACTERS +
      ENTITY_MAX_CHARACTERS +
      BOT_NAME_MAX_CHARACTERS);

/** The same of a change that took a comment away. */
const REMOVAL_BYTES = 150;

export function bytesOfChange(change: Change): number {
  return "removed" in change ? REMOVAL_BYTES : bytesOf(change.comment);
}
