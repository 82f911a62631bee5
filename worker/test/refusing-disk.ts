/** A disk that refuses single statements, as a full one may. */
import { IMPORT_MAX } from "#schema/limits";
import { chunks } from "#worker/platform/chunks";
import { commentAt, type Wall } from "./wall";

type InObject = Pick<Wall, "inObject">;

/** Refuses statements such as `INSERT ON audit`, until `allow`. */
export function refuse({ sql }: DurableObjectStorage, statements: readonly string[]): void {
  for (const [n, statement] of statements.entries())
    sql.exec(
      `CREATE TRIGGER full_${n} BEFORE ${statement} BEGIN SELECT RAISE(ABORT, 'disk is full'); END`,
    );
}

export function allow({ sql }: DurableObjectStorage): void {
  const triggers = "SELECT name FROM sqlite_master WHERE type = 'trigger'";
  for (const { name } of sql.exec<{ name: string }>(triggers).toArray())
    sql.exec(`DROP TRIGGER ${name}`);
}

/** The result of `work`, during which the wall's disk refuses the statements. */
export async function refusing<T>(
  wall: InObject,
  statements: readonly string[],
  work: () => Promise<T>,
): Promise<T> {
  await wall.inObject((_object, { storage }) => refuse(storage, statements));
  const result = await work();
  await wall.inObject((_object, { storage }) => allow(storage));
  return result;
}

/** Changes of messages, on either ledger. */
export const CHANGES = ["INSERT ON journal_0", "INSERT ON journal_1"];

/** The entry of an older message into the window, in the place of a removed one. */
export const REENTRIES = CHANGES.map(
  (insert) => `${insert} WHEN instr(NEW.body, '"removed":true') = 0`,
);

/** Imports older messages. Those that the window has no place for enter it when others leave. */
export async function importOlder(wall: Pick<Wall, "writer">, count: number): Promise<void> {
  const start = Date.now() - 2 * 3_600_000;
  const comments = Array.from({ length: count }, (_, n) => commentAt(start + n, n));
  for (const part of chunks(comments, IMPORT_MAX)) await wall.writer().import(part);
}

/** A storage that fails when `fails` says so: no trigger refuses a read or a new table. */
export function failing(
  storage: DurableObjectStorage,
  fails: (query: string, isInTransaction: boolean) => boolean,
): DurableObjectStorage {
  let depth = 0;
  const partial = {
    sql: {
      exec: (query: string, ...bindings: SqlStorageValue[]) => {
        if (fails(query, depth > 0)) throw new Error("disk I/O error");
        return storage.sql.exec(query, ...bindings);
      },
      get databaseSize() {
        return storage.sql.databaseSize;
      },
    },
    transactionSync: <T>(work: () => T): T => {
      depth += 1;
      try {
        return storage.transactionSync(work);
      } finally {
        depth -= 1;
      }
    },
    sync: () => storage.sync(),
  };
  return partial as unknown as DurableObjectStorage;
}

/** The names of all tables of the object's storage that contain a text. */
export const tablesWith = (wall: InObject, text: string) =>
  wall.inObject((_object, { storage }) =>
    storage.sql
      .exec<{ name: string }>("SELECT name FROM sqlite_master WHERE type = 'table'")
      .toArray()
      .map(({ name }) => name)
      .filter((name) => !name.startsWith("_cf_") && !name.startsWith("sqlite_"))
      .filter((name) =>
        JSON.stringify(storage.sql.exec(`SELECT * FROM "${name}"`).toArray()).includes(text),
      ),
  );
