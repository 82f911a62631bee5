/**
 * The removed ids in the order of their removal, for exports that continue an earlier one. A removal stays in its key
 * or row for good, but neither tells when it was made.
 */
import type { RemovedIds } from "#schema/backup";
import { type Cursor, formatCursor } from "#schema/cursor";
import { REMOVED_PAGE_MAX } from "#schema/limits";
import { CountedSql, type SqliteStorage } from "../../platform/counted-sql";
import type { Operations } from "../../platform/operations";
import type { JournalChange } from "../../record";

/** Newest removals kept, about 5 MB. An export cannot continue one that is older. */
const REMOVALS_KEPT = 100_000;

/** `imported`: older comments were imported up to this sequence; `floor`: removals up to it are no longer all here. */
type Mark = "imported" | "floor";

/** An import that has begun: the mark before it, and the mark that it made. */
interface ImportNote {
  before: number;
  noted: number;
}

export class RemovalLog {
  readonly #sql: CountedSql;
  readonly #kept: number;
  /** Rows; unknown until the first removal. */
  #count: number | undefined;

  constructor(storage: SqliteStorage, operations: Operations, kept = REMOVALS_KEPT) {
    this.#sql = new CountedSql(storage, operations);
    this.#kept = kept;
    this.#sql.write(
      "CREATE TABLE IF NOT EXISTS removals (sequence INTEGER PRIMARY KEY, id TEXT NOT NULL)",
    );
    this.#sql.write("CREATE INDEX IF NOT EXISTS removals_by_id ON removals (id)");
    // Removals from `since` on were undone at this sequence.
    this.#sql.write(
      "CREATE TABLE IF NOT EXISTS undone (sequence INTEGER PRIMARY KEY, since INTEGER NOT NULL)",
    );
    this.#sql.write(
      "CREATE TABLE IF NOT EXISTS removal_marks (name TEXT PRIMARY KEY, sequence INTEGER NOT NULL) WITHOUT ROWID",
    );
  }

  /** Adds the removals among these changes, and takes back those that were undone. */
  follow(changes: readonly JournalChange[]): void {
    this.#takeBack(changes.filter(({ undone }) => undone));
    const removals = changes.flatMap(({ record }) => ("removed" in record ? record : []));
    if (removals.length === 0) return;
    this.#count ??= this.#countRows();
    for (const { sequence, id } of removals)
      this.#sql.write("INSERT OR REPLACE INTO removals (sequence, id) VALUES (?, ?)", sequence, id);
    this.#count += removals.length;
    // A tenth at a time: the search for the bound reads all rows.
    if (this.#count > this.#kept * 1.1) this.#trim();
  }

  /** Notes at a sequence that older comments may arrive from now on. */
  beginImport(sequence: number): ImportNote {
    const note = { before: this.#marked("imported"), noted: sequence + 1 };
    this.#mark("imported", Math.max(note.before, note.noted));
    return note;
  }

  /** `sequence`: that of the last imported comment; `null` if there was none, so that nothing has changed. */
  endImport({ before, noted }: ImportNote, sequence: number | null): void {
    const marked = this.#marked("imported");
    if (sequence !== null) this.#mark("imported", Math.max(marked, sequence));
    else if (marked === noted) this.#mark("imported", before);
  }

  /**
   * The removals after `since`, up to the newest change, which is at `newest`. `end` is the sequence at which an export
   * that began at `since` had ended, if that is known: it has the messages that were removed later.
   */
  since(
    newest: Cursor,
    since: Cursor | undefined,
    end = Number.MAX_SAFE_INTEGER,
  ): Omit<RemovedIds, "at"> {
    const nothing = { removed: [], cursor: formatCursor(newest) };
    if (!since) return nothing;
    if (since.store !== newest.store || since.sequence < this.#marked("floor"))
      return { ...nothing, gap: true };
    const rows = this.#sql.rows<{ sequence: number; id: string }>(
      "SELECT sequence, id FROM removals WHERE sequence > ? ORDER BY sequence LIMIT ?",
      since.sequence,
      REMOVED_PAGE_MAX + 1,
    );
    const page = rows.slice(0, REMOVED_PAGE_MAX);
    const hasMore = rows.length > page.length;
    const sequence = (hasMore && page.at(-1)?.sequence) || newest.sequence;
    return {
      removed: page.map(({ id }) => id),
      cursor: formatCursor({ store: newest.store, sequence }),
      ...(hasMore && { more: true }),
      ...(this.#hasOlder(since.sequence, end) && { older: true }),
    };
  }

  #takeBack(changes: readonly JournalChange[]): void {
    const undone = changes.flatMap(({ record: { id } }) =>
      this.#sql.rows<{ sequence: number }>("SELECT sequence FROM removals WHERE id = ?", id),
    );
    const last = changes.at(-1);
    if (undone.length === 0 || !last) return;
    for (const { sequence } of undone)
      this.#sql.write("DELETE FROM removals WHERE sequence = ?", sequence);
    this.#sql.write(
      "INSERT OR REPLACE INTO undone (sequence, since) VALUES (?, ?)",
      last.record.sequence,
      Math.min(...undone.map(({ sequence }) => sequence)),
    );
  }

  /** Whether an export from `start` to `end` may lack older comments that are on the wall by now. */
  #hasOlder(start: number, end: number): boolean {
    if (start < this.#marked("imported")) return true;
    const undone = "SELECT sequence FROM undone WHERE sequence > ? AND since <= ? LIMIT 1";
    return this.#sql.rows(undone, start, end).length > 0;
  }

  #trim(): void {
    const [oldest] = this.#sql.rows<{ sequence: number }>(
      "SELECT sequence FROM removals ORDER BY sequence DESC LIMIT 1 OFFSET ?",
      this.#kept,
    );
    this.#count = undefined;
    if (!oldest) return;
    this.#sql.write("DELETE FROM removals WHERE sequence <= ?", oldest.sequence);
    this.#sql.write("DELETE FROM undone WHERE sequence <= ?", oldest.sequence);
    this.#mark("floor", oldest.sequence);
  }

  #countRows(): number {
    const [row] = this.#sql.rows<{ count: number }>("SELECT count(*) AS count FROM removals");
    return row?.count ?? 0;
  }

  #mark(name: Mark, sequence: number): void {
    this.#sql.write(
      "INSERT OR REPLACE INTO removal_marks (name, sequence) VALUES (?, ?)",
      name,
      sequence,
    );
  }

  #marked(name: Mark): number {
    const [row] = this.#sql.rows<{ sequence: number }>(
      "SELECT sequence FROM removal_marks WHERE name = ?",
      name,
    );
    return row?.sequence ?? 0;
  }
}
