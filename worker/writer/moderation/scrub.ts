/**
 * Erases deleted data from the database file as well, when the file is on the operator's disk (`npm start`).
 *
 * SQLite leaves deleted rows in the file: in free pages, in gaps of used pages, and in the write-ahead log. An
 * object may not use the pragmas against that, nor `VACUUM`. So every table is rewritten, the free pages are filled
 * with zeros, and then as much of the log as can be left over.
 */
/** A larger file would keep the object busy for seconds; its deleted data goes as its space is reused. */
const FILE_MAX_BYTES = 64 * 1_024 * 1_024;

/** SQLite restarts its log once that has 1,000 pages; this is a little more. */
const LOG_BYTES = 5 * 1_024 * 1_024;

const PAGE_BYTES = 4_096;
const BLOB_BYTES = 1_024 * 1_024;

/** Twice the file's size is more than its free pages can be. */
const BLOBS_MAX = (2 * FILE_MAX_BYTES) / BLOB_BYTES;

const TABLES = `SELECT name, sql FROM sqlite_master WHERE type = 'table'
  AND substr(name, 1, 4) <> '_cf_' AND substr(name, 1, 7) <> 'sqlite_'`;

/**
 * Commits each step on its own: the platform commits between two steps of an event, and an uncommitted write is in
 * no file yet. Returns whether the file is small enough to be scrubbed.
 */
export async function scrub(storage: DurableObjectStorage): Promise<boolean> {
  const { sql } = storage;
  if (sql.databaseSize > FILE_MAX_BYTES) return false;
  storage.transactionSync(() => rewriteTables(sql));
  await storage.sync();
  storage.transactionSync(() => fill(sql, (blobs) => blobs < BLOBS_MAX && hasFreePages(sql)));
  await storage.sync();
  for (let round = 0; round < 2; round += 1) {
    storage.transactionSync(() => fill(sql, (blobs) => blobs < LOG_BYTES / BLOB_BYTES));
    await storage.sync();
  }
  return true;
}

function rewriteTables(sql: SqlStorage): void {
  for (const { name, sql: definition } of sql
    .exec<{ name: string; sql: string }>(TABLES)
    .toArray()) {
    sql.exec(`CREATE TABLE rewritten ${definition.slice(definition.indexOf("("))}`);
    sql.exec(`INSERT INTO rewritten SELECT * FROM "${name}"`);
    sql.exec(`DROP TABLE "${name}"`);
    sql.exec(`ALTER TABLE rewritten RENAME TO "${name}"`);
  }
}

/** Writes zeros while `shouldContinue` says so, and drops them again. */
function fill(sql: SqlStorage, shouldContinue: (blobs: number) => boolean): void {
  sql.exec("CREATE TABLE zeros (body BLOB NOT NULL)");
  for (let blobs = 0; shouldContinue(blobs); blobs += 1)
    sql.exec("INSERT INTO zeros (body) VALUES (zeroblob(?))", BLOB_BYTES);
  sql.exec("DROP TABLE zeros");
}

/** A new table gets the file's last page exactly when no page is free; `databaseSize` does not count free pages. */
function hasFreePages(sql: SqlStorage): boolean {
  sql.exec("CREATE TABLE probe (id INTEGER PRIMARY KEY)");
  const asked = "SELECT rootpage FROM sqlite_master WHERE name = 'probe'";
  const { rootpage } = sql.exec<{ rootpage: number }>(asked).one();
  const isLast = rootpage * PAGE_BYTES === sql.databaseSize;
  sql.exec("DROP TABLE probe");
  return !isLast;
}
