/** Rows read and written by the SQLite ledger, by the runtime's own count. */
import { expect, test, vi } from "vitest";
import { makeId, wallPrefix } from "#schema/id";
import { PENDING_LIFETIME_MS, REBUILD_INTERVAL_MS } from "#schema/limits";
import { SqliteMessages } from "#worker/ledger/sqlite-messages";
import { systemClock } from "#worker/platform/clock";
import { Operations } from "#worker/platform/operations";
import { openTables } from "#worker/writer/tables";
import { eventually } from "../eventually";
import { openWriter } from "../open-writer";
import { commentAt, env, newWall, suffix, type Wall } from "../wall";

type Writer = ReturnType<typeof openWriter>;

/** A separate rebuilder, with a counter for the cost of a step. */
async function withWriter(
  wall: Wall,
  work: (
    rebuilder: Writer,
    cost: (step: () => unknown) => Promise<Record<string, number>>,
    reopen: () => Writer,
  ) => Promise<void>,
) {
  await wall.inObject(async (_object, state) => {
    const operations = new Operations();
    const reopen = () => openWriter(wall, state, { now: Date.now, operations });
    const cost = async (step: () => unknown) => {
      const before = operations.toObject();
      await step();
      const spent = Object.entries(operations.toObject()).map(
        ([kind, count]) => [kind, count - (before[kind] ?? 0)] as const,
      );
      return Object.fromEntries(spent.filter(([, count]) => count !== 0));
    };
    await work(reopen(), cost, reopen);
  });
}

const publishedOf = (wall: Wall) => env.LEDGER_KV.get(`${wallPrefix(wall.name)}recent:comments`);

test("a post writes one row; a poll, a look-up in memory and reading pending comments read and write none", async () => {
  const wall = newWall();
  await withWriter(wall, async (rebuilder, cost, reopen) => {
    await rebuilder.append(commentAt(0, 1_000_000));
    const messages = await cost(async () => {
      for (let n = 0; n < 1_000; n += 1) await rebuilder.append(commentAt(0, n));
    });
    console.log(`1,000 messages: ${JSON.stringify(messages)}`);
    expect(messages).toEqual({ message: 1_000, row_written: 1_000 });
    const { store, sequence, window = [] } = await rebuilder.sync();
    const id = window[7]?.id ?? "";
    expect(await cost(() => rebuilder.sync({ store, sequence: sequence - 3 }))).toEqual({});
    expect(await cost(() => rebuilder.sync())).toEqual({});
    expect(await cost(() => rebuilder.find(id))).toEqual({});
    expect(await cost(() => rebuilder.pending({ pending: true, limit: 500 }))).toEqual({});
    const marked = await cost(() => rebuilder.patch(id, true));
    const again = await cost(() => rebuilder.patch(id, true));
    const claimed = await cost(() => rebuilder.claim(window[8]?.id ?? "", "ada", 30));
    const removed = await cost(async () => {
      await rebuilder.remove(window[9]?.id ?? "");
      await eventually(async () => expect(await publishedOf(wall)).not.toBeNull());
    });
    await rebuilder.patch(window[10]?.id ?? "", true);
    const published = await cost(() => reopen().tick());
    console.log(`by call: ${JSON.stringify({ marked, claimed, removed, published })}`);
    expect(marked).toEqual({ row_written: 2 });
    expect(again).toEqual({});
    expect(claimed).toEqual({ row_written: 1 });
    // Before its first put an incarnation reads the published snapshot.
    expect(removed).toMatchObject({ kv_key_read: 1, kv_write: 1 });
    expect(published).toMatchObject({ kv_key_read: 1, kv_write: 1 });
    for (const { kv_list, kv_read_call } of [removed, published])
      expect([kv_list, kv_read_call]).toEqual([undefined, undefined]);
  });
});

test("a history page reads only its own rows, however many are stored", async () => {
  const wall = newWall();
  await withWriter(wall, async (rebuilder, cost) => {
    const ids: string[] = [];
    for (let n = 0; n < 1_000; n += 1)
      ids.unshift((await rebuilder.append(commentAt(0, n)))?.comment?.id ?? "");
    let page = rebuilder.history({ before: { id: ids[0] ?? "" }, limit: 100 });
    const shown = [ids[0], ...page.comments.map(({ id }) => id)];
    while (page.nextBefore) {
      const before = { id: page.nextBefore };
      const spent = await cost(() => {
        page = rebuilder.history({ before, limit: 100 });
      });
      // One more tells whether something is left; each counts twice, as it is put in order within its millisecond.
      expect(spent.row_read).toBeLessThanOrEqual(2 * (100 + 2));
      shown.push(...page.comments.map(({ id }) => id));
    }
    expect(shown).toEqual(ids);
  });
});

test("a start restores the last state: window, changes, sequence, flags and nonces", async () => {
  const wall = newWall();
  await withWriter(wall, async (rebuilder, _cost, reopen) => {
    const nonced = { ...commentAt(0, 7), nonce: "nonce-of-seven" };
    const first = (await rebuilder.append(nonced))?.comment;
    for (let n = 10; n < 60; n += 1) await rebuilder.append(commentAt(0, n));
    await rebuilder.patch(first?.id ?? "", true);
    await rebuilder.remove((await rebuilder.append(commentAt(0, 70)))?.comment?.id ?? "");
    await rebuilder.append(commentAt(0, 71));
    const { store, floor, sequence } = await rebuilder.sync();
    const { changes } = await rebuilder.sync({ store, sequence: floor });
    const { window } = await rebuilder.sync();

    const after = reopen();
    expect((await after.sync()).window).toEqual(window);
    expect((await after.sync({ store, sequence: floor })).changes).toEqual(changes);
    expect(await after.append(nonced)).toMatchObject({
      isNew: false,
      comment: { id: first?.id, botParams: { processed: true } },
    });
    const next = await after.append(commentAt(0, 80));
    expect(next?.comment?.sequence).toBe(sequence + 1);
  });
});

test("a message without a nonce that one request sends twice is stored once", async () => {
  const wall = newWall();
  await withWriter(wall, async (rebuilder, _cost, reopen) => {
    const draft = commentAt(Date.now(), 3);
    const first = await rebuilder.append(draft);
    expect(await rebuilder.append(draft)).toEqual({ ...first, isNew: false });
    expect((await reopen().append(draft))?.comment?.id).toBe(first?.comment?.id);
    expect((await rebuilder.sync()).window).toHaveLength(1);
  });
});

test("ids increase with their sequences when the clock steps back", async () => {
  const wall = newWall();
  await wall.inObject(async (_object, state) => {
    let now = Date.now();
    const rebuilder = openWriter(wall, state, { now: () => now });
    const ids: string[] = [];
    for (const step of [0, 0, -2_000, 5, 3_000]) {
      now += step;
      ids.push((await rebuilder.append(commentAt(0, ids.length)))?.comment?.id ?? "");
    }
    expect(ids).toEqual([...ids].sort());
    expect(new Set(ids.map((id) => id.slice(0, 13))).size).toBe(ids.length);
  });
});

test("a full volume is followed by a new one, pages continue across volumes, and the oldest volume is dropped as a whole", async () => {
  const wall = newWall();
  await wall.inObject((_object, { storage }) => {
    const operations = new Operations();
    const bytesOf = (bytes: number) =>
      new SqliteMessages(storage, operations, { changes: 10, bytes });
    const messages = bytesOf(Number.POSITIVE_INFINITY);
    const start = Date.now();
    const ids = Array.from({ length: 55 }, (_, n) => makeId(start + n, suffix(n)));
    const insert = (into: SqliteMessages, id: string, n: number) =>
      into.insert({ id, sequence: 100 + n, body: '{"text":"x"}', changed: null, processed: null });
    for (const [n, id] of ids.entries()) insert(messages, id, n);
    const newestFirst = ids.toReversed();
    for (const store of [messages, bytesOf(Number.POSITIVE_INFINITY)]) {
      const all = store.behind(makeId(start + 100, suffix(0)), 100);
      expect(all.map(({ id }) => id)).toEqual(newestFirst);
      expect(store.behind(ids[33] ?? "", 20).map(({ id }) => id)).toEqual(
        newestFirst.slice(55 - 33, 55 - 33 + 20),
      );
      expect(store.get(ids[20] ?? "")).toMatchObject({ sequence: 120 });
      expect([...store.youngerThan(start + 18)].map(({ id }) => id)).toEqual(ids.slice(19));
      expect(store.newest()).toBe(start + 54);
    }
    // Space for two volumes only: the oldest is dropped, in one step that writes no row per
    // message.
    const small = bytesOf(1);
    const written = operations.of("row_written");
    insert(small, makeId(start + 60, suffix(60)), 60);
    const left = small.behind(makeId(start + 100, suffix(0)), 100).map(({ id }) => id);
    expect(left).toEqual([makeId(start + 60, suffix(60)), ...newestFirst.slice(0, 5)]);
    const cost = operations.of("row_written") - written;
    console.log(`dropping five volumes of 50 messages: ${cost} rows written`);
    expect(cost).toBeLessThan(30);
    expect(small.get(ids[0] ?? "")).toBeNull();
    expect(small.keptFrom()).toBe(start + 50);
    // As an import does.
    const older = { id: makeId(start + 1, suffix(61)), sequence: 161, body: '{"text":"x"}' };
    small.change({ ...older, changed: null, processed: null });
    for (const store of [small, bytesOf(1)]) expect(store.keptFrom()).toBe(start + 50);
  });
});

test("a volume created in a rolled-back transaction leaves nothing behind", async () => {
  const wall = newWall();
  await wall.inObject((_object, { storage }) => {
    const messages = new SqliteMessages(storage, new Operations(), { changes: 3, bytes: 1 });
    const start = Date.now();
    const insert = (n: number) => {
      const id = makeId(start + n, suffix(n));
      messages.insert({ id, sequence: n, body: '{"text":"x"}', changed: null, processed: null });
      return id;
    };
    const shown = () => messages.behind(makeId(start + 100, suffix(0)), 100).map(({ id }) => id);
    // Two full volumes of three, so that a third one drops the oldest.
    const ids = [1, 2, 3, 4, 5, 6].map(insert);
    const undone = () =>
      storage.transactionSync(() => {
        insert(7);
        throw new Error("rolled back");
      });
    expect(undone).toThrow("rolled back");
    expect(shown()).toEqual(ids.toReversed());
    expect(undone).toThrow("rolled back");
    expect(new SqliteMessages(storage, new Operations()).newest()).toBe(start + 6);
    expect(undone).toThrow("rolled back");
    const next = insert(8);
    expect(shown()).toEqual([next, ...ids.slice(3).toReversed()]);
  });
});

test("a change that is rolled back during a move leaves the messages' tables in place", async () => {
  await newWall().inObject((_object, { storage }) => {
    const opened = () => openTables(storage, new Operations(), systemClock);
    opened();
    storage.sql.exec(
      `INSERT INTO move (id, body) VALUES (1, '${JSON.stringify({ phase: "copying", knownTo: null })}')`,
    );
    const { journal, messages } = opened();
    const record = { ...commentAt(Date.now(), 1), sequence: 1 };
    const change = () => journal.onChanges([{ record }]);
    const undone = () =>
      storage.transactionSync(() => {
        change();
        throw new Error("rolled back");
      });
    expect(undone).toThrow("rolled back");
    change();
    expect(messages.get(record.id)?.id).toBe(record.id);
  });
});

test("imported messages, newest first, fill separate volumes, and each is found", async () => {
  const wall = newWall();
  await wall.inObject((_object, { storage }) => {
    const limits = { changes: 10, bytes: Number.POSITIVE_INFINITY };
    const open = () => new SqliteMessages(storage, new Operations(), limits);
    const messages = open();
    const start = Date.now();
    const row = (id: string, sequence = 0) => ({
      id,
      sequence,
      body: '{"text":"x"}',
      changed: null,
      processed: null,
    });
    // Two per millisecond, so that a volume can end between them.
    const ids = Array.from({ length: 45 }, (_, n) =>
      makeId(start - Math.floor(n / 2), suffix(n % 2)),
    );
    for (const id of ids) messages.change(row(id));
    const born = makeId(start + 5, suffix(9));
    const ahead = makeId(start + 9, suffix(9));
    messages.insert(row(born, start));
    messages.change(row(ahead));
    messages.insert(row(makeId(start + 7, suffix(9)), start + 10));
    messages.insert(row(makeId(start + 10, suffix(9)), start + 11));
    const tables = storage.sql.exec("SELECT count(*) AS n FROM volumes").one().n;
    expect(tables).toBe(5 + 2);
    for (const store of [messages, open()]) {
      const all = store.behind(makeId(start + 100, suffix(0)), 100).map(({ id }) => id);
      const young = [10, 9, 7, 5].map((ms) => makeId(start + ms, suffix(9)));
      expect(all).toEqual([...young, ...ids]);
      for (const id of all) expect(store.get(id)?.id).toBe(id);
    }
  });
});

test("a post sent while the object restarts is stored once", async () => {
  const wall = newWall();
  await wall.post({ text: "before" });
  const evicting = wall.evict();
  const { id } = await wall.post({ text: "meanwhile", nonce: "nonce-meanwhile" });
  await evicting;
  expect((await wall.post({ text: "meanwhile", nonce: "nonce-meanwhile" })).id).toBe(id);
  expect(await wall.newest()).toHaveLength(2);
});

/** An alarm that never runs and records its time. */
function keptAlarm() {
  const alarm = {
    due: null as number | null,
    get: async () => alarm.due,
    set: async (time: number) => {
      alarm.due = time;
    },
  };
  return alarm;
}

test("after a restart during a publication, the next change is still published within 3 s", async () => {
  const wall = newWall();
  await wall.inObject(async (_object, state) => {
    const now = Date.now();
    const alarm = keptAlarm();
    const open = () => openWriter(wall, state, { now: () => now, alarm });
    await open().append(commentAt(now, 1));
    expect(alarm.due).toBe(now + REBUILD_INTERVAL_MS);
    const after = open();
    await after.tick();
    // The published state is published again minutes later; that alarm must not delay new changes.
    expect(alarm.due).toBeGreaterThan(now + 10 * REBUILD_INTERVAL_MS);
    await after.append(commentAt(now, 2));
    expect(alarm.due).toBe(now + REBUILD_INTERVAL_MS);
  });
});

test("an alarm that the disk refused is set again by the next question", async () => {
  const wall = newWall();
  await wall.inObject(async (_object, state) => {
    const now = Date.now();
    const alarm = keptAlarm();
    const { set } = alarm;
    alarm.set = () => Promise.reject(new Error("disk I/O error"));
    const rebuilder = openWriter(wall, state, { now: () => now, alarm });
    await rebuilder.append(commentAt(now, 1));
    alarm.set = set;
    await rebuilder.sync();
    expect(alarm.due).toBe(now + REBUILD_INTERVAL_MS);
  });
});

test("a pause right after a publication sets its own alarm", async () => {
  const wall = newWall();
  await wall.inObject(async (_object, state) => {
    const now = Date.now();
    const alarm = keptAlarm();
    const rebuilder = openWriter(wall, state, { now: () => now, alarm });
    await rebuilder.append(commentAt(now, 1));
    await rebuilder.tick();
    alarm.due = null;
    rebuilder.pause(true);
    expect(alarm.due).toBe(now + REBUILD_INTERVAL_MS);
  });
});

test("an idle wall's pending count excludes comments older than a day, like its answers", async () => {
  const wall = newWall();
  await wall.inObject(async (_object, state) => {
    let now = Date.now();
    const rebuilder = openWriter(wall, state, { now: () => now });
    await rebuilder.append(commentAt(now, 1));
    await rebuilder.tick();
    now += PENDING_LIFETIME_MS + 1;
    await rebuilder.watch();
    expect(rebuilder.isAtRest).toBe(true);
    expect((await rebuilder.pending({ pending: true, limit: 1 })).comments).toEqual([]);
    expect((await rebuilder.status()).pending).toEqual({ size: 0, dropped: 1 });
  });
});

test("sqlite lists nothing, and the alarm stops once everything is published", async () => {
  const wall = newWall();
  await wall.post({ text: "Hello" });
  await vi.waitFor(
    async () => {
      expect(await wall.inObject((_object, { storage }) => storage.getAlarm())).toBeNull();
      expect((await wall.status()).operations.kv_write).toBe(1);
    },
    { timeout: 8_000, interval: 200 },
  );
  const before = Date.now();
  expect(await wall.status()).toMatchObject({ ok: true, ledger: "sqlite", ageMs: 0 });
  await vi.waitFor(
    async () => expect((await wall.read()).rebuiltAt).toBeGreaterThan(before),
    3_000,
  );
  for (let run = 0; run < 5; run += 1) await wall.watch();
  await wall.evict();
  for (let run = 0; run < 5; run += 1) await wall.watch();
  const { operations } = await wall.status();
  expect(operations.kv_write).toBeUndefined();
  expect(operations.kv_list).toBeUndefined();
  expect(await wall.inObject((_object, { storage }) => storage.getAlarm())).toBeNull();
});
