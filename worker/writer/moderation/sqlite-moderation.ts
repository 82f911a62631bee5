/** Pause and audit log in the object's own SQLite, beside the journal: tables that outlive its generations. */
import type { AuditAction, AuditEntry } from "#schema/moderation";
import { CountedSql, type SqliteStorage } from "../../platform/counted-sql";
import type { Operations } from "../../platform/operations";
import type { ModerationStore } from "./moderation";

/** Newest entries kept. */
const AUDIT_SIZE = 10_000;

type Row = { at: number; deed: AuditAction; target: string | null; reason: string | null };

export class SqliteModeration implements ModerationStore {
  readonly #sql: CountedSql;

  constructor(storage: SqliteStorage, operations: Operations) {
    this.#sql = new CountedSql(storage, operations);
    this.#sql.write(
      "CREATE TABLE IF NOT EXISTS pause (id INTEGER PRIMARY KEY, paused INTEGER NOT NULL)",
    );
    this.#sql.write(
      "CREATE TABLE IF NOT EXISTS audit (id INTEGER PRIMARY KEY, at INTEGER NOT NULL, deed TEXT NOT NULL, target TEXT, reason TEXT)",
    );
  }

  isPaused(): boolean {
    const [row] = this.#sql.read<{ paused: number }>("SELECT paused FROM pause").toArray();
    return row?.paused === 1;
  }

  setPaused(paused: boolean): void {
    this.#sql.write("INSERT OR REPLACE INTO pause (id, paused) VALUES (1, ?)", paused ? 1 : 0);
  }

  note({ at, deed, target, reason }: AuditEntry): void {
    this.#sql.write(
      "INSERT INTO audit (at, deed, target, reason) VALUES (?, ?, ?, ?)",
      at,
      deed,
      target ?? null,
      reason ?? null,
    );
    this.#sql.write("DELETE FROM audit WHERE id <= (SELECT max(id) FROM audit) - ?", AUDIT_SIZE);
  }

  notes(limit: number): AuditEntry[] {
    return this.#sql
      .read<Row>("SELECT at, deed, target, reason FROM audit ORDER BY id DESC LIMIT ?", limit)
      .toArray()
      .map(({ at, deed, target, reason }) => ({
        at,
        deed,
        ...(target !== null && { target }),
        ...(reason !== null && { reason }),
      }));
  }
}
