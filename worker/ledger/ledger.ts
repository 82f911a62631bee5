/** The truth: one record for each comment. `kv` is the first implementation. */
import type { StoredComment, StoredRecord } from "#schema/comment";

/** What stands where a record was looked for. */
export type LedgerEntry = StoredRecord | "corrupt" | null;

export interface Ledger {
  /** Makes a new comment durable. @throws when the store refuses. */
  append(comment: StoredComment): Promise<void>;
  /** Replaces the record of a comment. @throws when the store refuses. */
  write(record: StoredRecord): Promise<void>;
  /** At most 1,000 keys, newest first; `next` leads on to older ones. */
  newest(next?: string, countAs?: "kv_list" | "kv_list_sweep"): Promise<LedgerPage>;
  /** The records of at most 500 ids; of none without asking the store. */
  read(ids: readonly string[]): Promise<Map<string, LedgerEntry>>;
}

export interface LedgerPage {
  ids: string[];
  /** Keys under the prefix that are not ours. */
  foreign: number;
  /** `null` at the end. */
  next: string | null;
}

/** The published snapshot, which answers when the single writer is away. */
export interface Spare {
  publish(document: string): Promise<void>;
  readSpare(): Promise<string | null>;
}
