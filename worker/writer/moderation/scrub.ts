/**
 * Erases deleted data from the database file as well, when the file is on the operator's disk (`npm start`).
 *
 * SQLite leaves deleted rows in the file: in free pages, in gaps of used pages, and in the write-ahead log. An
 * object may not use the pragmas against that, nor `VACUUM`. So every table is rewritten, the free pages are filled
 * with zeros, and then as much of the log as can be left over.
 */

type Storage = Pick<DurableObjectStorage, "sql" | "transactionSync" | "sync">;

/** A larger file would keep the object busy for seconds; its deleted data goes as its space is reused. */
const FILE_MAX_BYTES = 64 * 1_024 * 1_024;

const PAGE_BYTES = 4_096;
const BLOB_BYTES = 1_024 * 1_024;

/** SQLite restarts its log once that has 1,000 pages; this is a little more. */
const LOG_BLOBS = 5;

/** Twice the file's size is more than its free pages can be. */
const BLOBS_MAX = (2 * FILE_MAX_BYTES) / BLOB_BYTES;

const TABLES = `SELECT name, sql FROM sqlite_master WHERE type = 'table'
  AND substr(name, 1, 4) <> '_cf_' AND substr(name, 1, 7) <> 'sqlite_'`;

/** Those that were made by a statement: a table brings its own. */
const INDEXES = "SELECT sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL";

/** Remembers across restarts that a scrub is due. */
export function noteScrubDue({ sql }: Pick<Storage, "sql">): void {
  sql.exec("CREATE TABLE IF NOT EXISTS scrub_due (id INTEGER PRIMARY KEY)");
}

export function forgetScrubDue({ sql }: Pick<Storage, "sql">): void {
  sql.exec("DROP TABLE IF EXISTS scrub_due");
}

export function isScrubDue({ sql }: Pick<Storage, "sql">): boolean {
  const asked = "SELECT name FROM sqlite_master WHERE name = 'scrub_due'";
  return sql.exec(asked).toArray().length > 0;
}

/**
 * Every step is a transaction of its own: SQLite never writes a page that one transaction both fills and frees.
 * @returns false when the file is too large to be scrubbed
 */
export async function scrub(storage: Storage): Promise<boolean> {
  const { sql } = storage;
  // Left by an interrupted scrub.
  dropZeros(sql);
  if (sql.databaseSize > FILE_MAX_BYTES) return false;
  const step = async (work: () => void) => {
    storage.transactionSync(work);
    await storage.sync();
  };
  const zeros = async (shouldContinue: (blobs: number) => boolean) => {
    await step(() => writeZeros(sql, shouldContinue));
    await step(() => dropZeros(sql));
  };
  // A table that is given a free page leaves old bytes in the part that it does not use: zero the free pages first.
  await zeros(() => hasFreePages(sql));
  await step(() => rewriteTables(sql));
  // The first round zeros the pages that the old tables had. The second overwrites the log from its beginning.
  await zeros((blobs) => blobs < LOG_BLOBS || hasFreePages(sql));
  await zeros((blobs) => blobs < LOG_BLOBS);
  return true;
}

/** Copies all tables before it drops any: a copy would otherwise take the pages of a table that was just dropped. */
function rewriteTables(sql: SqlStorage): void {
  const tables = sql.exec<{ name: string; sql: string }>(TABLES).toArray();
  for (const { name, sql: definition } of tables) {
    sql.exec(`CREATE TABLE "new_${name}" ${definition.slice(definition.indexOf("("))}`);
    sql.exec(`INSERT INTO "new_${name}" SELECT * FROM "${name}"`);
  }
  const indexes = sql.exec<{ sql: string }>(INDEXES).toArray();
  for (const { name } of tables) {
    sql.exec(`DROP TABLE "${name}"`);
    sql.exec(`ALTER TABLE "new_${name}" RENAME TO "${name}"`);
  }
  for (const index of indexes) sql.exec(index.sql);
}

function writeZeros(sql: SqlStorage, shouldContinue: (blobs: number) => boolean): void {
  sql.exec("CREATE TABLE zeros (body BLOB NOT NULL)");
  for (let blobs = 0; blobs < BLOBS_MAX && shouldContinue(blobs); blobs += 1)
    sql.exec("INSERT INTO zeros (body) VALUES (zeroblob(?))", BLOB_BYTES);
}

function dropZeros(sql: SqlStorage): void {
  sql.exec("DROP TABLE IF EXISTS zeros");
}

/**
 * When no page is free, two new tables get the two pages after the file's last. (`databaseSize` leaves free pages out.)
 * Free pages in exactly these two places are taken for none.
 */
function hasFreePages(sql: SqlStorage): boolean {
  const last = sql.databaseSize / PAGE_BYTES;
  sql.exec("CREATE TABLE probe_1 (id INTEGER PRIMARY KEY)");
  sql.exec("CREATE TABLE probe_2 (id INTEGER PRIMARY KEY)");
  const asked = "SELECT rootpage FROM sqlite_master WHERE name IN ('probe_1', 'probe_2')";
  const pages = sql.exec<{ rootpage: number }>(asked).toArray();
  sql.exec("DROP TABLE probe_1");
  sql.exec("DROP TABLE probe_2");
  return !pages.every(({ rootpage }, index) => rootpage === last + 1 + index);
}
