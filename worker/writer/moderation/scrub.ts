/**
 * Takes what was deleted out of the database's file as well, where the file is ours: with `npm start`.
 *
 * SQLite leaves what a row held in the file: in pages that are free, in gaps of pages that are not, and in the
 * write-ahead log. The pragmas against that, and `VACUUM`, are not allowed in an object. So every table is written
 * anew, the free pages are filled with zeros, and then as much of the log as is ever left over.
 */
/** A larger file would keep the object busy for seconds: what was deleted leaves it as its space is used again. */
const FILE_MAX_BYTES = 64 * 1_024 * 1_024;

/** SQLite begins its log again once that has 1,000 pages: this is a little more. */
const LOG_BYTES = 5 * 1_024 * 1_024;

const PAGE_BYTES = 4_096;
const BLOB_BYTES = 1_024 * 1_024;

/** Twice the file is more than it can have of free pages. */
const BLOBS_MAX = (2 * FILE_MAX_BYTES) / BLOB_BYTES;

const TABLES = `SELECT name, sql FROM sqlite_master WHERE type = 'table'
  AND substr(name, 1, 4) <> '_cf_' AND substr(name, 1, 7) <> 'sqlite_'`;

/**
 * The platform commits between two steps of an event, and an uncommitted write is in no file yet: so each step
 * is its own. Returns whether the file is one that is scrubbed.
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

/** Writes zeros as long as `goOn` says so, and drops them again. */
function fill(sql: SqlStorage, goOn: (blobs: number) => boolean): void {
  sql.exec("CREATE TABLE zeros (body BLOB NOT NULL)");
  for (let blobs = 0; goOn(blobs); blobs += 1)
    sql.exec("INSERT INTO zeros (body) VALUES (zeroblob(?))", BLOB_BYTES);
  sql.exec("DROP TABLE zeros");
}

/** A new table's page is the file's last one exactly when none is free; `databaseSize` leaves free ones out. */
function hasFreePages(sql: SqlStorage): boolean {
  sql.exec("CREATE TABLE probe (id INTEGER PRIMARY KEY)");
  const asked = "SELECT rootpage FROM sqlite_master WHERE name = 'probe'";
  const { rootpage } = sql.exec<{ rootpage: number }>(asked).one();
  const isLast = rootpage * PAGE_BYTES === sql.databaseSize;
  sql.exec("DROP TABLE probe");
  return !isLast;
}
