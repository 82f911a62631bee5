/** The journal across its generations, on the object's real SQLite. */
import { expect, test } from "vitest";
import type { StoredComment } from "#schema/comment";
import { makeId } from "#schema/id";
import { CHANGE_LOG_SIZE, NONCE_LIFETIME_MS } from "#schema/limits";
import { SqliteJournal } from "#worker/journal/sqlite";
import { Operations } from "#worker/platform/operations";
import { countingKv } from "../counting-kv";
import { openWriter } from "../open-writer";
import { commentAt, newWall, suffix, type Wall } from "../wall";

const START = 1_700_000_000_000;

const open = (wall: Wall, state: DurableObjectState, operations?: Operations) =>
  openWriter(wall, state, { now: () => START + 60_000, ...(operations && { operations }) });

const comment = (n: number): StoredComment => ({
  ...commentAt(START + n, n),
  nonce: `nonce-of-${n}`,
});

test("comments, flags and nonces survive three generations", async () => {
  const wall = newWall();
  await wall.inObject(async (_object, state) => {
    const total = 3 * CHANGE_LOG_SIZE + 100;
    const before = open(wall, state);
    await before.rebuild();
    const start = await before.sync();
    for (let n = 0; n < total; n += 1) {
      before.notice(comment(n));
      if (n % 50 === 49) await before.sync(start);
    }
    await before.patch(comment(total - 1).id, true);
    const shown = await before.sync();

    const after = open(wall, state);
    const again = await after.sync();
    expect(again.window).toEqual(shown.window);
    expect(again.sequence).toBe(shown.sequence);
    expect(again.window?.[0]?.botParams.processed).toBe(true);
    expect(again.floor).toBe(again.sequence - CHANGE_LOG_SIZE);
    const { changes } = await after.sync({ store: shown.store, sequence: again.floor });
    expect(changes).toHaveLength(CHANGE_LOG_SIZE);

    // A copy of the very first message, whose row was dropped two generations ago.
    const copy = {
      ...comment(0),
      id: makeId(START + 50_000, suffix(0)),
      timestamp: START + 50_000,
    };
    after.notice(copy);
    const merged = await after.sync({ store: shown.store, sequence: shown.sequence });
    expect(merged.changes).toMatchObject([{ removed: copy.id }]);
  });
});

test("a start right after a rotation serves the last good state even if the ledger fails", async () => {
  const wall = newWall();
  await wall.inObject(async (_object, state) => {
    const kv = countingKv();
    const start = () => openWriter(wall, state, { now: () => START + 60_000, kv });
    const before = start();
    await before.rebuild();
    for (let n = 0; n < CHANGE_LOG_SIZE; n += 1) before.notice(comment(n));
    const { sequence, window } = await before.sync();
    kv.failing = true;
    expect(await start().sync()).toMatchObject({ sequence, window });
  });
});

test("one commit of many comments is one row", async () => {
  const wall = newWall();
  await wall.inObject(async (_object, state) => {
    const operations = new Operations();
    const rebuilder = open(wall, state, operations);
    await rebuilder.rebuild();
    const before = operations.of("row_written");
    for (let n = 0; n < 50; n += 1) rebuilder.notice(comment(n));
    expect(operations.of("row_written")).toBe(before);
    await rebuilder.sync();
    expect(operations.of("row_written")).toBe(before + 1);
    await rebuilder.sync();
    expect(operations.of("row_written")).toBe(before + 1);
  });
});

test("rows are read one at a time, so a start doesn't load all of them", async () => {
  const wall = newWall();
  await wall.inObject(async (_object, { storage }) => {
    const operations = new Operations();
    const journal = new SqliteJournal(storage, operations);
    const rows = 300;
    for (let n = 0; n < rows; n += 1)
      journal.append({ kind: "changes", rebuiltAt: n, changes: [{ record: comment(n) }] });
    const [, current = []] = journal.read();
    const [first] = current;
    expect(first).toMatchObject({ rebuiltAt: 0 });
    expect(operations.of("row_read")).toBeLessThan(10);
    expect([...current].map((row) => "rebuiltAt" in row && row.rebuiltAt)).toEqual(
      Array.from({ length: rows }, (_, n) => n),
    );
  });
});

test("only the archive with the nonce is read, across a restart, until a day has passed", async () => {
  const wall = newWall();
  await wall.inObject(async (_object, state) => {
    const operations = new Operations();
    let now = START + 60_000;
    const start = () => openWriter(wall, state, { now: () => now, operations });
    const before = start();
    await before.rebuild();
    for (let n = 0; n < 4 * CHANGE_LOG_SIZE; n += 1) {
      before.notice(comment(n));
      if (n % 100 === 99) await before.sync({ store: "teststor", sequence: 0 });
    }
    const archived = () => state.storage.sql.exec("SELECT count(*) AS n FROM nonces").one().n;
    expect(archived()).toBe(4);
    const copy = (n: number) => ({ ...comment(n), id: makeId(START + 50_000 + n, suffix(n)) });
    for (const n of [3, 7_000]) {
      const rebuilder = n === 3 ? before : start();
      const read = operations.of("row_read");
      rebuilder.notice(copy(n));
      const { store, sequence } = await rebuilder.sync();
      expect((await rebuilder.sync({ store, sequence: sequence - 1 })).changes).toMatchObject([
        { removed: copy(n).id },
      ]);
      // The archive's row; another only after a rare false positive of a filter.
      expect(operations.of("row_read") - read).toBeLessThanOrEqual(2);
    }
    now += 2 * NONCE_LIFETIME_MS;
    const after = start();
    await after.rebuild();
    expect(archived()).toBe(0);
  });
});
