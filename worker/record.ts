/** The parts of a record that ledger, journal and writer share; none of the three imports another for them. */
import { bytesOf } from "#schema/bytes";
import {
  type Comment,
  isStoredComment,
  type StoredComment,
  type StoredRecord,
} from "#schema/comment";

/**
 * A record as it is from `record.sequence` on. `unwritten` when its key does not say so yet: that
 * is so for every change but the arrival of a comment, whose key was written first.
 */
export interface JournalChange {
  record: StoredRecord;
  unwritten?: true;
  /** A message that is made durable by this very change: no ledger had it before. */
  born?: true;
}

/** A change before the writer gives it its sequence: the sequence in its record is ignored. */
export type Proposal = JournalChange;

/** Remembers that a comment was flagged, merged into another, or removed, once it is no longer held. */
export interface Mark {
  id: string;
  sequence: number;
  /** When it was made, or its key was written, in ms. */
  at: number;
  processed?: boolean;
  mergedInto?: string;
  removed?: true;
}

/** A bot's exclusive right to work on a comment, for a while. */
export interface Claim {
  /** The comment's id. */
  id: string;
  bot: string;
  /** In ms; from then on the comment is free again. */
  until: number;
}

/** The public part of a comment. */
export function toComment({ sequence: _, ...comment }: StoredComment): Comment {
  return comment;
}

/** Applies a mark to a comment: the higher sequence wins. */
export function withMark(comment: StoredComment, mark: Mark | undefined): StoredComment {
  if (mark?.processed === undefined || mark.sequence <= comment.sequence) return comment;
  return { ...withProcessed(comment, mark.processed), sequence: mark.sequence };
}

export function withProcessed(comment: StoredComment, processed: boolean): StoredComment {
  return { ...comment, botParams: { ...comment.botParams, processed } };
}

/** A removal: its key will hold nothing but the id and that it was removed. */
export function removal(id: string): Proposal {
  return { record: { id, removed: true, sequence: 0 }, unwritten: true };
}

/** A merged or removed comment leaves two ids and a sequence. */
const REMNANT_BYTES = 200;

export function bytesOfRecord(record: StoredRecord): number {
  return isStoredComment(record) ? bytesOf(record) : REMNANT_BYTES;
}
