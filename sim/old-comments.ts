/** The comments that a wall holds when its world begins. */
import type { StoredComment } from "#schema/comment";
import { makeId } from "#schema/id";
import { suffixes } from "#worker/entrypoint/suffix";

/** The age of the newest of them. */
export const PAST_AGE_MS = 60 * 60_000;
const APART_MS = 1_000;

/** Comments of one person, answered long ago, the newest first and an hour old at `start`. */
export function oldComments(start: number, count: number): StoredComment[] {
  return Array.from({ length: count }, (_, index) => {
    const nonce = `earlier-${index}`;
    const timestamp = start - PAST_AGE_MS - index * APART_MS;
    return {
      id: makeId(timestamp, suffixes.ofNonce("human", nonce)),
      timestamp,
      text: nonce,
      username: "anonymous",
      color: "#aabbcc",
      type: "human" as const,
      nonce,
      botParams: { processed: true },
      sequence: 0,
    };
  });
}
