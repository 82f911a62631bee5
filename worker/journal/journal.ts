/**
 * The single writer's memory of what it showed and acknowledged, written before the answer.
 *
 * Rows are appended to the current of two generations. Once that holds a change log's worth of
 * changes, the older generation is dropped (a DROP bills no row, a DELETE bills each) and a new
 * one starts with a checkpoint, so that the two together always reach back a whole change log.
 */

import { isStoredComment, type StoredComment, type StoredRecord } from "#schema/comment";
import { isSameMessage, suffixOf } from "#schema/id";
import type { Claim, JournalChange, Mark } from "../record";

/**
 * Records in one row, by their size in memory: a row holds at most 2 MB, and JSON takes at most three times
 * as much, where each character of a text has to be written as `\u001f`.
 */
export const ROW_BYTES_MAX = 600_000;

export type JournalRow = ChangesRow | WrittenRow | CheckpointRow;

/** One commit: consecutive sequences, in order. */
export interface ChangesRow {
  kind: "changes";
  /** When the cache was last rebuilt before this commit, in ms. */
  rebuiltAt: number;
  changes: JournalChange[];
}

/** Records that their keys now hold: ids with the sequence that was written. */
export interface WrittenRow {
  kind: "written";
  records: [id: string, sequence: number][];
}

/** A part of the state in which a generation begins. */
export interface CheckpointRow {
  kind: "checkpoint";
  sequence: number;
  comments: StoredComment[];
  marks: Mark[];
  unwritten: StoredRecord[];
  /** What waits for a bot and is not held any more; and how many fell off that queue so far. */
  pending?: StoredComment[];
  dropped?: number;
  /** Where messages are rows of their own: those born in this generation are younger than this. */
  stamp?: number;
}

export interface JournalHead {
  wall: string;
  /** Names this store in every cursor: another store's sequence means nothing here. */
  store: string;
  /** The sequence before the first change. */
  birth: number;
  /** Where the wall's comments are; absent for `kv`. */
  ledger?: "sqlite";
  /** Set by a move: messages that were born since are younger than this. */
  stamp?: number;
}

/** The archived nonces of closed generations. */
export interface NonceSource {
  /** The archives that are not older than `since`, oldest first, one at a time. */
  archives(since: number): Iterable<NonceArchive & { key: number }>;
  /** The id in one archive that has this suffix. */
  archivedId(key: number, suffix: string): string | null;
}

export interface Journal extends NonceSource {
  /** Whether the comment's key does not say yet what was journaled. Absent where that is so for every change. */
  hasStaleKey?(record: StoredRecord): boolean;
  /** The head, or `null` before `create`. */
  head(): JournalHead | null;
  create(head: JournalHead): void;
  /** All that is written in it, or nothing. */
  atOnce<T>(work: () => T): T;
  /** Every row still kept, oldest first, one at a time: the older generation, then the current one. */
  read(): Iterable<JournalRow>[];
  append(row: JournalRow): void;
  /** Takes what these messages said, in all their copies, out of every row. */
  erase(ids: readonly string[]): void;
  /** Drops the older generation and begins a new one, all or nothing. Returns the archives' keys. */
  rotate(checkpoint: Iterable<CheckpointRow>, nonces: readonly NonceArchive[]): number[];
  /** Drops the archives whose newest id is older. */
  forgetArchives(before: number): void;
  /** Claims of late, one a comment. */
  claims(): Claim[];
  /** Takes the place of the comment's claim before it. */
  claim(claim: Claim): void;
  endClaim(id: string): void;
  /** Lets go of the claims that ran out by `time`. */
  forgetClaims(time: number): void;
  /** The sequence of the snapshot that was published last; -1 when none was, or another is due. */
  published(): number;
  publish(sequence: number): void;
}

/** The ids of a closed generation's comments that came with a nonce. */
export interface NonceArchive {
  /** The time of the newest of them, in ms. */
  newest: number;
  ids: string[];
}

/** The row without a word of these messages. */
export function erased(row: JournalRow, ids: readonly string[]): JournalRow {
  const bySuffix = new Map(ids.map((id) => [suffixOf(id), id]));
  return erasedWhere(row, (id) => {
    const wanted = bySuffix.get(suffixOf(id));
    return wanted !== undefined && isSameMessage(id, wanted);
  });
}

/** The row without a word of the messages of which `isGone` says so. */
export function erasedWhere(row: JournalRow, isGone: (id: string) => boolean): JournalRow {
  if (row.kind === "written") return row;
  const isIt = (record: StoredRecord) => isStoredComment(record) && isGone(record.id);
  if (row.kind === "checkpoint") {
    const without = <Kind extends StoredRecord>(records: Kind[]) =>
      records.filter((record) => !isIt(record));
    return {
      ...row,
      comments: without(row.comments),
      unwritten: without(row.unwritten),
      ...(row.pending && { pending: without(row.pending) }),
    };
  }
  // The sequence was used, and stays so.
  const changes = row.changes.map((change): JournalChange => {
    const { id: copy, sequence } = change.record;
    return isIt(change.record) ? { record: { id: copy, removed: true, sequence } } : change;
  });
  return { ...row, changes };
}
