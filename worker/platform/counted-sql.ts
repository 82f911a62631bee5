/** A Durable Object's SQLite with counters of rows written and read, since the platform bills by the row. */
import type { Operations } from "./operations";

/** The part of a Durable Object's storage that this project uses. */
export interface SqliteStorage {
  sql: SqlStorage;
  transactionSync<T>(closure: () => T): T;
}

export class CountedSql {
  readonly #storage: SqliteStorage;
  readonly #operations: Operations;

  constructor(storage: SqliteStorage, operations: Operations) {
    this.#storage = storage;
    this.#operations = operations;
  }

  /** The rows, read one by one and not counted. */
  read<Row extends Record<string, SqlStorageValue>>(query: string, ...bindings: SqlStorageValue[]) {
    return this.#storage.sql.exec<Row>(query, ...bindings);
  }

  /** Reads rows one by one, so that they are never all in memory. Counts every row that SQLite scanned. */
  *stream<Row extends Record<string, SqlStorageValue>>(
    query: string,
    ...bindings: SqlStorageValue[]
  ): Generator<Row> {
    const cursor = this.#storage.sql.exec<Row>(query, ...bindings);
    try {
      yield* cursor;
    } finally {
      this.#operations.count("row_read", cursor.rowsRead);
    }
  }

  /** Reads all rows at once. Counts every row that SQLite scanned. */
  rows<Row extends Record<string, SqlStorageValue>>(
    query: string,
    ...bindings: SqlStorageValue[]
  ): Row[] {
    const cursor = this.#storage.sql.exec<Row>(query, ...bindings);
    const rows = cursor.toArray();
    this.#operations.count("row_read", cursor.rowsRead);
    return rows;
  }

  /** Returns the number of rows written. */
  write(query: string, ...bindings: SqlStorageValue[]): number {
    const { rowsWritten } = this.#storage.sql.exec(query, ...bindings);
    this.#operations.count("row_written", rowsWritten);
    return rowsWritten;
  }

  /** Commits all writes of `closure`, or none if it throws. */
  transaction<T>(closure: () => T): T {
    return this.#storage.transactionSync(closure);
  }
}
