/** How much memory a comment takes: what is kept many times over is bounded by it. */
import type { Comment } from "./comment";

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
