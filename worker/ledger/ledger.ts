/** The interface of the KV ledger, which holds one record for each comment and is the source of truth. */
import type { StoredComment, StoredRecord } from "#schema/comment";

/** The result of reading one id: its record, an invalid value, or none. */
export type LedgerEntry = StoredRecord | "corrupt" | null;

/** The purpose of an operation. The name of its counter ends with it, except for rebuilds. */
export type Purpose = "rebuild" | "sweep" | "history" | "move";

/** The store rejected `next` as unknown or expired. */
export class PlaceRefused extends Error {}

export interface Ledger {
  /** Makes a new comment durable. @throws when the store refuses. */
  append(comment: StoredComment): Promise<void>;
  /** Replaces the record of a comment. @throws when the store refuses. */
  write(record: StoredRecord): Promise<void>;
  /**
   * At most 1,000 ids, newest first; the page's `next` continues with older ones.
   * @throws {PlaceRefused} when the store rejects `next`.
   */
  newest(next?: string, purpose?: Purpose): Promise<LedgerPage>;
  /** The records of at most 500 ids. Without ids, makes no call to the store. */
  read(
    ids: readonly string[],
    purpose?: Exclude<Purpose, "sweep">,
  ): Promise<Map<string, LedgerEntry>>;
}

export interface LedgerPage {
  ids: string[];
  /** The number of keys under the prefix that are not comments' keys. */
  foreign: number;
  /** `null` at the end. */
  next: string | null;
}

/** The published snapshot, served while the single writer is unavailable. */
export interface Spare {
  publish(document: string): Promise<void>;
  readSpare(): Promise<string | null>;
}
