/** The ledger in the rebuilder's own SQLite: one row for each message, which is its record and its place in the journal. */

import { isStoredComment, type StoredComment, type StoredRecord } from "#schema/comment";
import { type JournalChange, withProcessed } from "../record";

import type { Ledger } from "./ledger";

export interface MessageRow {
  id: string;
  /** Of its birth; 0 for a message from elsewhere, whose birth no cursor knows. */
  sequence: number;
  /** JSON, as at birth; what is left of it once it was taken down or merged. */
  body: string;
  /** The sequence of its last change; `null` when there was none. */
  changed: number | null;
  /** The flag as from that change on; `null` as long as the body tells it. */
  processed: boolean | null;
}

export interface MessageStore {
  /** Adds a message: one row written. Ids come in ascending order. */
  insert(row: MessageRow): void;
  /** Changes a message that is there; adds it where it is not. */
  change(row: MessageRow): void;
  get(id: string): MessageRow | null;
  /** The messages behind an id in the order of the wall, at most `limit`. */
  behind(id: string, limit: number): MessageRow[];
  /** The messages that are younger than a timestamp, oldest first, one at a time. */
  youngerThan(timestamp: number): Iterable<MessageRow>;
  /** The timestamp of the newest message; 0 when there is none. After a rollback it may be a later one. */
  newest(): number;
}

/** A message that is born with this record. */
export function rowOf(record: StoredComment): MessageRow {
  const { sequence, ...comment } = record;
  return { id: record.id, sequence, body: JSON.stringify(comment), changed: null, processed: null };
}

/** A message as this record says it is from now on, its birth left aside. */
export function changedRow(record: StoredRecord): MessageRow {
  const { sequence: changed, ...rest } = record;
  const processed = isStoredComment(record) ? (record.botParams.processed ?? null) : null;
  return { id: record.id, sequence: 0, body: JSON.stringify(rest), changed, processed };
}

/** The record of a message as it is now. */
export function recordOf({ sequence, body, changed, processed }: MessageRow): StoredRecord {
  const record: StoredRecord = { ...JSON.parse(body), sequence: changed ?? sequence };
  if (!isStoredComment(record) || processed === null) return record;
  return withProcessed(record, processed);
}

/** The change that brought a message: as it was then, or without its words where they are gone. */
export function birthOf({ sequence, body }: MessageRow): JournalChange {
  return { record: { ...JSON.parse(body), sequence }, born: true };
}

/** Single records, as a lookup asks for them. */
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
