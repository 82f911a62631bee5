/** The truth in Workers KV: one record for each comment. */
import type { StoredComment, StoredRecord } from "#schema/comment";

/** What stands where a record was looked for. */
export type LedgerEntry = StoredRecord | "corrupt" | null;

/** What an operation is for: a rebuild's own are counted bare, others under a name of their own. */
export type Purpose = "rebuild" | "sweep" | "history" | "move";

/** The store does not know, or no longer knows, the `next` that it was asked to go on from. */
export class PlaceRefused extends Error {}

export interface Ledger {
  /** Makes a new comment durable. @throws when the store refuses. */
  append(comment: StoredComment): Promise<void>;
  /** Replaces the record of a comment. @throws when the store refuses. */
  write(record: StoredRecord): Promise<void>;
  /**
   * At most 1,000 keys, newest first; `next` leads on to older ones.
   * @throws {PlaceRefused} when `next` is none.
   */
  newest(next?: string, purpose?: Purpose): Promise<LedgerPage>;
  /** The records of at most 500 ids; of none without asking the store. */
  read(
    ids: readonly string[],
    purpose?: Exclude<Purpose, "sweep">,
  ): Promise<Map<string, LedgerEntry>>;
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
