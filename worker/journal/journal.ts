/**
 * The single writer's journal of every change that it shows or acknowledges, written before the answer.
 *
 * Rows are appended to the current one of two generations. Once it holds a change log's worth of changes, the older
 * generation is dropped (a DROP bills no row, a DELETE bills each) and a new one starts with a checkpoint. So the two
 * together always reach back a whole change log.
 */

import { isStoredComment, type StoredComment, type StoredRecord } from "#schema/comment";
import { isSameMessage, suffixOf } from "#schema/id";
import type { Claim, JournalChange, Mark } from "../record";

/**
 * The size in memory of the records in one row. The platform limits a row to 2 MB, and JSON takes at most three times
 * the size in memory, if each character of a text must be escaped as `\u001f`.
 */
export const ROW_BYTES_MAX = 600_000;

export type JournalRow = ChangesRow | WrittenRow | CheckpointRow;

/** One commit: changes with consecutive sequences, in order. */
export interface ChangesRow {
  kind: "changes";
  /** The time of the last rebuild before this commit, in ms. */
  rebuiltAt: number;
  /** Every key stored before this time, in ms, was read (`Search.readUntil`). Absent on `sqlite`, and in older rows. */
  readUntil?: number | undefined;
  changes: JournalChange[];
}

/** Records whose keys are now up to date: their ids with the sequence written. */
export interface WrittenRow {
  kind: "written";
  records: [id: string, sequence: number][];
  /** When, in ms. Absent in rows of earlier releases. */
  at?: number;
}

/** A part of the state at the start of a generation. */
export interface CheckpointRow {
  kind: "checkpoint";
  sequence: number;
  comments: StoredComment[];
  marks: Mark[];
  unwritten: StoredRecord[];
  /** Pending messages that memory no longer holds, and the number dropped from that queue so far. */
  pending?: StoredComment[];
  dropped?: number;
  /** On `sqlite`: a timestamp in ms, older than every message born in this generation. */
  stamp?: number;
}

export interface JournalHead {
  wall: string;
  /** Identifies this store in every cursor, since another store's sequence means nothing here. */
  store: string;
  /** The sequence before the first change. */
  birth: number;
  /** The wall's ledger; absent for `kv`. */
  ledger?: "sqlite";
  /** Set by a move: a timestamp in ms, older than every message born since. */
  stamp?: number;
}

/** The archived nonces of closed generations. */
export interface NonceSource {
  /** The archives with an id not older than `since`, in ms; oldest first, one at a time. */
  archives(since: number): Iterable<NonceArchive & { key: number }>;
  /** The id with this suffix in one archive. */
  archivedId(key: number, suffix: string): string | null;
}

export interface Journal extends NonceSource {
  /** Whether a journaled change still has to be written to the comment's key. Absent if that is so for every change. */
  hasStaleKey?(record: StoredRecord): boolean;
  /** The head, or `null` before `create`. */
  head(): JournalHead | null;
  create(head: JournalHead): void;
  /** Commits all writes of `work`, or none if it throws. */
  atOnce<T>(work: () => T): T;
  /** The rows of the older generation, then those of the current one; oldest first, one at a time. */
  read(): Iterable<JournalRow>[];
  append(row: JournalRow): void;
  /** Erases the text of these messages, in all their copies, from every row. */
  erase(ids: readonly string[]): void;
  /** Drops the older generation and starts a new one, all or nothing. Returns the keys of the new archives. */
  rotate(checkpoint: Iterable<CheckpointRow>, nonces: readonly NonceArchive[]): number[];
  /**
   * Gives the store another name and birth, all or nothing: both generations begin with the checkpoint, and no row
   * has a sequence of the old store. The snapshot is due again. Returns the keys of the new archives.
   */
  rename(
    store: Pick<JournalHead, "store" | "birth">,
    checkpoint: () => Iterable<CheckpointRow>,
    nonces: readonly NonceArchive[],
  ): number[];
  /** Drops the archives whose newest id is older than `before`, in ms. */
  forgetArchives(before: number): void;
  /** The recent claims, at most one for each comment. */
  claims(): Claim[];
  /** Stores a claim, replacing the comment's previous one. */
  claim(claim: Claim): void;
  endClaim(id: string): void;
  /** Deletes the claims that expired by `time`, in ms. */
  forgetClaims(time: number): void;
  /** The sequence of the last published snapshot; -1 if there is none, or another one is due. */
  published(): number;
  publish(sequence: number): void;
}

/** The ids of those comments of a closed generation that have a nonce. */
export interface NonceArchive {
  /** The time of the newest id, in ms. */
  newest: number;
  ids: string[];
}

/** The row without the text of these messages. */
export function erased(row: JournalRow, ids: readonly string[]): JournalRow {
  const bySuffix = new Map(ids.map((id) => [suffixOf(id), id]));
  return erasedWhere(row, (id) => {
    const wanted = bySuffix.get(suffixOf(id));
    return wanted !== undefined && isSameMessage(id, wanted);
  });
}

/** The row without the text of the messages for which `isGone` returns true. */
export function erasedWhere(row: JournalRow, isGone: (id: string) => boolean): JournalRow {
  if (row.kind === "written") return row;
  const mustErase = (record: StoredRecord) => isStoredComment(record) && isGone(record.id);
  if (row.kind === "checkpoint") {
    const without = <Kind extends StoredRecord>(records: Kind[]) =>
      records.filter((record) => !mustErase(record));
    return {
      ...row,
      comments: without(row.comments),
      unwritten: without(row.unwritten),
      ...(row.pending && { pending: without(row.pending) }),
    };
  }
  // The change keeps its sequence, which is already in use.
  const changes = row.changes.map((change): JournalChange => {
    const { id, sequence } = change.record;
    return mustErase(change.record) ? { record: { id, removed: true, sequence } } : change;
  });
  return { ...row, changes };
}
