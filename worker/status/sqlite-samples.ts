/** The status page's samples in the object's SQLite, beside the journal: one row, replaced as a whole. */
import type { Sample } from "#schema/status";
import { CountedSql, type SqliteStorage } from "../platform/counted-sql";
import type { Operations } from "../platform/operations";
import type { SampleStore } from "./metrics";

export class SqliteSamples implements SampleStore {
  readonly #sql: CountedSql;

  constructor(storage: SqliteStorage, operations: Operations) {
    this.#sql = new CountedSql(storage, operations);
    this.#sql.write(
      "CREATE TABLE IF NOT EXISTS samples (id INTEGER PRIMARY KEY, body TEXT NOT NULL)",
    );
  }

  read(): Sample[] {
    const [row] = this.#sql.read<{ body: string }>("SELECT body FROM samples").toArray();
    return row ? JSON.parse(row.body) : [];
  }

  write(samples: readonly Sample[]): void {
    this.#sql.write(
      "INSERT OR REPLACE INTO samples (id, body) VALUES (1, ?)",
      JSON.stringify(samples),
    );
  }
}
