/** The single writer's knowledge of a stretch of older messages, which overrides what the ledger lists there. */

import type { StoredComment } from "#schema/comment";
import type { Mark } from "../record";

/** The comments after one id, in the order of the wall (newest first). */
export interface Stretch {
  after: string;
  /** The last id of the stretch; absent: up to the end. */
  until?: string;
  /** The most comments to return. */
  max: number;
}

export interface Overlay {
  /** The comments of the stretch that are in memory, newest first, also those that no list shows yet. */
  held: StoredComment[];
  /** The marks of listed comments that are not in memory. */
  marks: Mark[];
}
