/** The ledger in the rebuilder's SQLite. A message's row is both its record and the journal entry of its birth. */

import { isStoredComment, type StoredComment, type StoredRecord } from "#schema/comment";
import { type JournalChange, withProcessed } from "../record";

import type { Ledger } from "./ledger";

export interface MessageRow {
  id: string;
  /** The sequence of the message's birth; 0 for a moved or imported message, whose birth no cursor covers. */
  sequence: number;
  /**
   * The record as JSON, as of its birth; only the remaining fields after a removal or merge. After the undo of a
   * removal it has the record again, and `undone`: the change that told of its birth stays a removal.
   */
  body: string;
  /** The sequence of the last change; `null` if there was none. */
  changed: number | null;
  /** The processed flag since that change; `null` while the body's own flag applies. */
  processed: boolean | null;
}

export interface MessageStore {
  /** Adds a message, with one row written. Ids must ascend. */
  insert(row: MessageRow): void;
  /** Changes an existing message, or adds it. */
  change(row: MessageRow): void;
  get(id: string): MessageRow | null;
  /** At most `limit` messages after an id, in the order of the wall (newest first). */
  behind(id: string, limit: number): MessageRow[];
  /** The messages younger than a timestamp in ms, oldest first, one at a time. */
  youngerThan(timestamp: number): Iterable<MessageRow>;
  /** The timestamp of the newest message, in ms; 0 if there is none. After a rollback it may be too high. */
  newest(): number;
}

/** The row of a new message. */
export function rowOf(record: StoredComment): MessageRow {
  const { sequence, ...comment } = record;
  return { id: record.id, sequence, body: JSON.stringify(comment), changed: null, processed: null };
}

/** The row of a message changed to this record, without the sequence of its birth. `isUndone`: its removal was undone. */
export function changedRow(record: StoredRecord, isUndone = false): MessageRow {
  const { sequence: changed, ...rest } = record;
  const processed = isStoredComment(record) ? (record.botParams.processed ?? null) : null;
  const isBack = isUndone && isStoredComment(record);
  const body = JSON.stringify(isBack ? { ...rest, undone: true } : rest);
  return { id: record.id, sequence: 0, body, changed, processed };
}

/** The current record of a message. */
export function recordOf({ sequence, body, changed, processed }: MessageRow): StoredRecord {
  const { undone: _undone, ...stored } = JSON.parse(body);
  const record: StoredRecord = { ...stored, sequence: changed ?? sequence };
  if (!isStoredComment(record) || processed === null) return record;
  return withProcessed(record, processed);
}

/** The change that added a message: its record at birth, or without the text if that was removed. */
export function birthOf({ id, sequence, body }: MessageRow): JournalChange {
  const { undone, ...stored } = JSON.parse(body);
  const record = undone ? { id, removed: true } : stored;
  return { record: { ...record, sequence }, born: true };
}

/** Whether a row's text changes with it: a removal, a merge, or the undo of one. */
export function changesText({ body }: MessageRow): boolean {
  const stored = JSON.parse(body);
  return !("text" in stored) || stored.undone === true;
}

/** Reads single records for a lookup. */
export function recordsIn(messages: MessageStore): Pick<Ledger, "read"> {
  return {
    read: async (ids) =>
      new Map(
        ids.map((id) => {
          const row = messages.get(id);
          return [id, row && recordOf(row)];
        }),
      ),
  };
}
