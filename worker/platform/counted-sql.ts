/** An object's own SQLite, every row counted that is written: rows are what the platform bills. */
import type { Operations } from "./operations";

/** The part of a Durable Object's storage that is used. */
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

  /** The rows, read one by one. */
  read<Row extends Record<string, SqlStorageValue>>(query: string, ...bindings: SqlStorageValue[]) {
    return this.#storage.sql.exec<Row>(query, ...bindings);
  }

  /**
   * The rows one by one, so that they are never in memory together. Counts each row that was read. Read them to the
   * end: SQLite can't restart its write-ahead log while a cursor is open, and removed words would stay in the log.
   */
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

  /** All rows at once, each counted that was looked at. */
  rows<Row extends Record<string, SqlStorageValue>>(
    query: string,
    ...bindings: SqlStorageValue[]
  ): Row[] {
    const cursor = this.#storage.sql.exec<Row>(query, ...bindings);
    const rows = cursor.toArray();
    this.#operations.count("row_read", cursor.rowsRead);
    return rows;
  }

  /** Returns how many rows that wrote. */
  write(query: string, ...bindings: SqlStorageValue[]): number {
    const { rowsWritten } = this.#storage.sql.exec(query, ...bindings);
    this.#operations.count("row_written", rowsWritten);
    return rowsWritten;
  }

  /** All that is written in it, or nothing. */
  transaction<T>(closure: () => T): T {
    return this.#storage.transactionSync(closure);
  }
}
