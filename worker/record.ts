/** The record types that ledger, journal and writer share, so that none of the three imports another for them. */
import { bytesOf } from "#schema/bytes";
import {
  type Comment,
  isStoredComment,
  type NewComment,
  type StoredComment,
  type StoredRecord,
} from "#schema/comment";

/**
 * A record's state from `record.sequence` on. `unwritten` means that its key still holds the state before. The
 * arrival of a comment is the one change without that flag, since its key is written first.
 */
export interface JournalChange {
  record: StoredRecord;
  unwritten?: true;
  /** This change itself makes the message durable: no ledger had it before. */
  born?: true;
  /** This change undoes the comment's removal. */
  undone?: true;
}

/** A change that has no sequence yet: the writer assigns one and ignores the one in the record. */
export type Proposal = JournalChange;

/** Records that a comment was flagged, merged into another, or removed, after memory no longer holds the comment. */
export interface Mark {
  id: string;
  sequence: number;
  /** When the mark was made, or the comment's key was written, in ms. */
  at: number;
  processed?: boolean;
  mergedInto?: string;
  removed?: true;
  /** With `removed`: it came as a copy of a message that had been removed. */
  isCopy?: true;
  /** The comment's removal was undone by this change: a record of the removal that is read later is stale. */
  undone?: true;
}

/** A bot's exclusive right to work on a comment until a deadline. */
export interface Claim {
  /** The comment's id. */
  id: string;
  bot: string;
  /** In ms. From this time on another bot can claim the comment. */
  until: number;
  /** As whom the bot will answer, if it shows that. In memory only. */
  name?: string | undefined;
}

/** The public part of a comment. */
export function toComment(comment: NewComment & { sequence?: number }): Comment {
  const { sequence: _sequence, secretHash: _secretHash, ...shown } = comment;
  return shown;
}

/** Applies a mark to a comment: the higher sequence wins. */
export function withMark(comment: StoredComment, mark: Mark | undefined): StoredComment {
  if (mark?.processed === undefined || mark.sequence <= comment.sequence) return comment;
  return { ...withProcessed(comment, mark.processed), sequence: mark.sequence };
}

export function withProcessed(comment: StoredComment, processed: boolean): StoredComment {
  return { ...comment, botParams: { ...comment.botParams, processed } };
}

/** A removal. The comment's key will hold only the id and the fact that it was removed. */
export function removal(id: string): Proposal {
  return { record: { id, removed: true, sequence: 0 }, unwritten: true };
}

/** The merge of a copy into the comment that stays. */
export function merge(id: string, mergedInto: string): Proposal {
  return { record: { id, mergedInto, sequence: 0 }, unwritten: true };
}

/** The size of a merged or removed comment's record: two ids and a sequence. */
const REMNANT_BYTES = 200;

export function bytesOfRecord(record: StoredRecord): number {
  return isStoredComment(record) ? bytesOf(record) : REMNANT_BYTES;
}
