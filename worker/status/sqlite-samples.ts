/**
 * The status page's samples and the ribbon's counts in the object's SQLite, beside the journal: a row each, replaced
 * as a whole. An earlier release reads and replaces only the first.
 */
import type { Activity, Sample } from "#schema/status";
import { CountedSql, type SqliteStorage } from "../platform/counted-sql";
import type { Operations } from "../platform/operations";
import type { SampleStore } from "./metrics";

const SAMPLES_ROW = 1;
const ACTIVITY_ROW = 2;

export class SqliteSamples implements SampleStore {
  readonly #sql: CountedSql;

  constructor(storage: SqliteStorage, operations: Operations) {
    this.#sql = new CountedSql(storage, operations);
    this.#sql.write(
      "CREATE TABLE IF NOT EXISTS samples (id INTEGER PRIMARY KEY, body TEXT NOT NULL)",
    );
  }

  read(): Sample[] {
    return this.#read<Sample[]>(SAMPLES_ROW) ?? [];
  }

  write(samples: readonly Sample[]): void {
    this.#write(SAMPLES_ROW, samples);
  }

  readActivity(): Activity | null {
    return this.#read<Activity>(ACTIVITY_ROW);
  }

  writeActivity(activity: Activity): void {
    this.#write(ACTIVITY_ROW, activity);
  }

  #read<Value>(id: number): Value | null {
    const [row] = this.#sql
      .read<{ body: string }>("SELECT body FROM samples WHERE id = ?", id)
      .toArray();
    return row ? JSON.parse(row.body) : null;
  }

  #write(id: number, value: unknown): void {
    this.#sql.write(
      "INSERT OR REPLACE INTO samples (id, body) VALUES (?, ?)",
      id,
      JSON.stringify(value),
    );
  }
}
