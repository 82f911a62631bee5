/** Pause and audit log in the object's own SQLite, beside the journal: tables that outlive its generations. */
import type { AuditAction, AuditEntry } from "#schema/moderation";
import { CountedSql, type SqliteStorage } from "../../platform/counted-sql";
import type { Operations } from "../../platform/operations";
import type { ModerationStore } from "./moderation";

/** Newest entries kept. */
const AUDIT_SIZE = 10_000;

type Row = {
  id: number;
  at: number;
  deed: AuditAction;
  target: string | null;
  reason: string | null;
};

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
    // Only of entries by a token with a name.
    this.#sql.write(
      "CREATE TABLE IF NOT EXISTS audit_names (id INTEGER PRIMARY KEY, name TEXT NOT NULL)",
    );
  }

  isPaused(): boolean {
    const [row] = this.#sql.read<{ paused: number }>("SELECT paused FROM pause").toArray();
    return row?.paused === 1;
  }

  setPaused(paused: boolean): void {
    this.#sql.write("INSERT OR REPLACE INTO pause (id, paused) VALUES (1, ?)", paused ? 1 : 0);
  }

  note({ at, deed, target, reason, by }: Omit<AuditEntry, "id">): number {
    return this.#sql.transaction(() => {
      this.#sql.write(
        "INSERT INTO audit (at, deed, target, reason) VALUES (?, ?, ?, ?)",
        at,
        deed,
        target ?? null,
        reason ?? null,
      );
      const [row] = this.#sql.rows<{ id: number }>("SELECT max(id) AS id FROM audit");
      const id = row?.id ?? 0;
      if (by !== undefined)
        this.#sql.write("INSERT INTO audit_names (id, name) VALUES (?, ?)", id, by);
      for (const table of ["audit", "audit_names"])
        this.#sql.write(`DELETE FROM ${table} WHERE id <= ?`, id - AUDIT_SIZE);
      return id;
    });
  }

  retract(id: number): void {
    // Together: the next entry gets the same id, and must not find the name of this one.
    this.#sql.transaction(() => {
      for (const table of ["audit", "audit_names"])
        this.#sql.write(`DELETE FROM ${table} WHERE id = ?`, id);
    });
  }

  atOnce<T>(work: () => T): T {
    return this.#sql.transaction(work);
  }

  notes(limit: number): AuditEntry[] {
    const query = "SELECT id, at, deed, target, reason FROM audit ORDER BY id DESC LIMIT ?";
    const rows = this.#sql.read<Row>(query, limit).toArray();
    const names = this.#sql
      .read<{ id: number; name: string }>(
        "SELECT id, name FROM audit_names WHERE id >= ?",
        rows.at(-1)?.id ?? 0,
      )
      .toArray();
    const nameOf = new Map(names.map(({ id, name }) => [id, name]));
    return rows.map(({ id, at, deed, target, reason }) => {
      const by = nameOf.get(id);
      return {
        id,
        at,
        deed,
        ...(target !== null && { target }),
        ...(reason !== null && { reason }),
        ...(by !== undefined && { by }),
      };
    });
  }
}
