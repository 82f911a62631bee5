/** The object's storage taken back to an earlier copy, as a point-in-time restore does. */
import { expect, test, vi } from "vitest";
import { wallPrefix } from "#schema/id";
import { env, newWall, type Wall } from "../wall";

const SETTLED = { timeout: 10_000, interval: 100 };

type Rows = Record<string, SqlStorageValue>[];

/** Copies all tables of the object. */
const copyOf = (wall: Wall) =>
  wall.inObject((_object, { storage: { sql } }) =>
    tablesOf(sql).map((table) => ({
      ...table,
      rows: sql.exec(`SELECT * FROM ${table.name}`).toArray() as Rows,
    })),
  );

function tablesOf(sql: SqlStorage): { name: string; sql: string }[] {
  const query = "SELECT name, sql FROM sqlite_master WHERE type = 'table'";
  const tables = sql.exec<{ name: string; sql: string }>(query).toArray();
  return tables.filter(({ name }) => !name.startsWith("_cf_") && !name.startsWith("sqlite_"));
}

/** Replaces all tables of the object by a copy, then restarts the object. */
async function takeBack(wall: Wall, copy: Awaited<ReturnType<typeof copyOf>>) {
  await wall.inObject((_object, { storage: { sql } }) => {
    for (const { name } of tablesOf(sql)) sql.exec(`DROP TABLE ${name}`);
    for (const { name, sql: create, rows } of copy) {
      sql.exec(create);
      for (const row of rows) {
        const marks = Object.keys(row).map(() => "?");
        const columns = Object.keys(row).join(", ");
        const insert = `INSERT INTO ${name} (${columns}) VALUES (${marks.join(", ")})`;
        sql.exec(insert, ...Object.values(row));
      }
    }
  });
  await wall.evict();
}

const publishedOf = async (wall: Wall) =>
  JSON.parse((await env.LEDGER_KV.get(`${wallPrefix(wall.name)}recent:comments`)) ?? "{}");

test("after the storage is restored to an earlier time, every cursor is read again and no sequence is used twice", async () => {
  const wall = newWall();
  const first = await wall.post({ text: "first", nonce: "nonce-of-first" });
  const flagged = await wall.post({ text: "flagged" });
  await wall.patch(flagged.id);
  await vi.waitFor(async () => expect(await wall.newest()).toHaveLength(2), SETTLED);
  const copy = await copyOf(wall);
  for (let n = 0; n < 3; n += 1) await wall.post({ text: `lost ${n}` });
  await vi.waitFor(async () => expect(await wall.newest()).toHaveLength(5), SETTLED);
  const before = await wall.writer().sync();
  const cursor = JSON.parse(before);
  await vi.waitFor(async () => {
    await wall.rebuildTimes(1);
    expect((await publishedOf(wall)).sequence).toBe(cursor.sequence);
  }, SETTLED);

  await takeBack(wall, copy);
  const after = await wall.post({ text: "after" });
  await vi.waitFor(async () => {
    await wall.rebuildTimes(1);
    expect((await publishedOf(wall)).window?.[0]).toMatchObject({ id: after.id });
  }, SETTLED);
  const { store, sequence } = cursor;
  const read = JSON.parse(await wall.writer().sync({ store, sequence: sequence - 1 }));
  expect(read.store).not.toBe(store);
  expect(read.sequence).toBeGreaterThan(sequence);
  const shown = read.window.map(({ id }: { id: string }) => id);
  expect(shown[0]).toBe(after.id);
  expect(shown.slice(-2)).toEqual([flagged.id, first.id]);
  expect(await publishedOf(wall)).toMatchObject({ store: read.store, sequence: read.sequence });

  // The next start reads the same store on.
  await wall.evict();
  const again = JSON.parse(await wall.writer().sync());
  expect(again).toMatchObject({ store: read.store, sequence: read.sequence, window: read.window });
  expect(again.window.at(-2)).toMatchObject({ botParams: { processed: true } });
  const [repeated, next] = [
    await wall.post({ text: "first", nonce: "nonce-of-first" }),
    await wall.post({ text: "next" }),
  ];
  await vi.waitFor(
    async () => expect((await wall.newest())[0]).toMatchObject({ id: next.id }),
    SETTLED,
  );
  const ids = (await wall.newest()).map(({ id }) => id);
  expect(ids.filter((id) => id === repeated.id || id === first.id)).toEqual([first.id]);
  expect((await publishedOf(wall)).store).toBe(read.store);
}, 30_000);
