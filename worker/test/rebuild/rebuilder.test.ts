/** The rebuilder's beat: its cost and its recovery from failures. */
import { runDurableObjectAlarm } from "cloudflare:test";
import { expect, onTestFinished, test, vi } from "vitest";
import { commentPrefix, keyOf } from "#schema/id";
import { CACHE_LATE_MS, REBUILD_INTERVAL_MS } from "#schema/limits";
import { WallView } from "#schema/view/wall-view";
import type { Writer } from "#worker/writer/writer";
import { countingKv } from "../counting-kv";
import { openWriter } from "../open-writer";
import { env, newWall, suffix, type Wall } from "../wall";

/** Stores this many comments, one millisecond apart. */
function storeAll(wall: Wall, count: number, start: number) {
  return Promise.all(
    Array.from({ length: count }, (_, index) =>
      wall.store({ timestamp: start + index, suffix: suffix(index) }),
    ),
  );
}

/** A separate rebuilder on the wall's real storage, with a counted KV binding that can fail. */
async function withWriter(
  wall: Wall,
  work: (parts: {
    rebuilder: Writer;
    kv: ReturnType<typeof countingKv>;
    events: string[];
    advance: (ms: number) => void;
  }) => Promise<void>,
) {
  await wall.inObject(async (_object, state) => {
    const kv = countingKv();
    const events: string[] = [];
    let ahead = 0;
    const advance = (ms: number) => {
      ahead += ms;
    };
    const rebuilder = openWriter(wall, state, {
      now: () => Date.now() + ahead,
      sleep: async (ms) => advance(ms),
      kv,
      log: (event) => events.push(event),
    });
    await work({ rebuilder, kv, events, advance });
  });
}

test("in steady state, a rebuild is 1 list, 0 gets, and 1 put only after a change", async () => {
  const wall = newWall();
  await storeAll(wall, 20, Date.now() - 60_000);
  await withWriter(wall, async ({ rebuilder, kv, advance }) => {
    await rebuilder.rebuild();
    // Once in its life, before its first put, it also reads the published snapshot.
    expect(kv.counts).toEqual({ list: 1, get: 2, put: 1 });
    for (let round = 0; round < 5; round += 1) {
      kv.reset();
      advance(REBUILD_INTERVAL_MS);
      await rebuilder.rebuild();
      expect(kv.counts).toEqual({ list: 1, get: 0, put: 0 });
    }
    const noticed = await wall.store({ timestamp: Date.now(), suffix: suffix(99) });
    rebuilder.notice(noticed);
    kv.reset();
    advance(REBUILD_INTERVAL_MS);
    await rebuilder.rebuild();
    expect(kv.counts).toEqual({ list: 1, get: 0, put: 1 });
  });
});

test("a snapshot is published at most once in 3 s", async () => {
  const wall = newWall();
  await withWriter(wall, async ({ rebuilder, kv, advance }) => {
    for (let index = 0; index < 6; index += 1) {
      rebuilder.notice(await wall.store({ timestamp: Date.now(), suffix: suffix(index) }));
      await rebuilder.rebuild();
      advance(1_000);
    }
    expect(kv.counts.put).toBe(2);
  });
});

test("concurrent requests for a rebuild share one", async () => {
  const wall = newWall();
  await withWriter(wall, async ({ rebuilder, kv }) => {
    await Promise.all([rebuilder.tick(), rebuilder.tick(), rebuilder.watch(), rebuilder.sync()]);
    expect(kv.counts.list).toBe(1);
  });
});

test("a comment whose notice was lost is found by the next rebuild, even one older than the window", async () => {
  const wall = newWall();
  const start = Date.now() - 60_000;
  await withWriter(wall, async ({ rebuilder }) => {
    for (const comment of await storeAll(wall, 510, start)) rebuilder.notice(comment);
    await rebuilder.rebuild();
    const { store, sequence } = await rebuilder.sync();
    const late = await wall.store({ timestamp: start - 1, suffix: suffix(511) });
    await rebuilder.rebuild();
    await rebuilder.rebuild();
    const delta = await rebuilder.sync({ store, sequence });
    expect(delta.changes).toMatchObject([{ comment: { id: late.id } }]);
  });
});

test("when a merged copy leaves the newest 500, the next comment moves up, but not one that arrives late", async () => {
  const wall = newWall();
  const start = Date.now() - 60_000;
  await withWriter(wall, async ({ rebuilder }) => {
    const nonce = { nonce: "nonce-of-two", suffix: suffix(900) };
    for (const comment of await storeAll(wall, 510, start + 10)) rebuilder.notice(comment);
    rebuilder.notice(await wall.store({ timestamp: start + 900, ...nonce }));
    await rebuilder.rebuild();
    const before = await rebuilder.sync();
    // The first copy is older than the window, so the merge removes the later copy from it; the
    // other comment is old too.
    rebuilder.notice(await wall.store({ timestamp: start + 1, ...nonce }));
    rebuilder.notice(await wall.store({ timestamp: start + 2, suffix: suffix(901) }));
    const { window = [] } = await rebuilder.sync();
    const newest = Array.from({ length: 500 }, (_, index) => start + 10 + 509 - index);
    expect(window.map(({ timestamp }) => timestamp)).toEqual(newest);
    const { changes = [] } = await rebuilder.sync(before);
    const follower = new WallView(before.store, before.sequence, before.window);
    for (const change of changes) follower.apply(change);
    expect(follower.window).toEqual(window);
  });
});

test("a listed copy that was shown and merged before it could be read is not read again", async () => {
  const wall = newWall();
  const nonce = { nonce: "nonce-of-two", suffix: suffix(1) };
  const later = await wall.store({ timestamp: Date.now() - 1_000, ...nonce });
  await withWriter(wall, async ({ rebuilder, kv }) => {
    kv.stale.set(keyOf(wall.name, later.id), null);
    await rebuilder.rebuild();
    rebuilder.notice(later);
    await rebuilder.sync();
    rebuilder.notice({ ...later, id: later.id.replace(/^\d+/, String(later.timestamp - 500)) });
    await rebuilder.sync();
    kv.reset();
    await rebuilder.rebuild();
    expect(kv.counts.get).toBe(0);
  });
});

test("corrupt values and foreign keys under the prefix are skipped and counted, and stop nothing", async () => {
  const wall = newWall();
  const good = await wall.store({ timestamp: Date.now() - 1_000, suffix: suffix(1) });
  const broken = await wall.store({ timestamp: Date.now() - 900, suffix: suffix(2) });
  const { LEDGER_KV: kv } = env;
  const keys = await kv.list({ prefix: commentPrefix(wall.name) });
  const brokenKey = keys.keys.find(({ name }) => name.endsWith(broken.id))?.name ?? "";
  for (const value of ["{", "null", "[]", '"text"', JSON.stringify({ ...good })]) {
    await kv.put(brokenKey, value);
    await withWriter(newWallOn(wall), async ({ rebuilder, events, kv: counted }) => {
      await rebuilder.rebuild();
      counted.reset();
      await rebuilder.rebuild();
      expect(counted.counts.get).toBe(0);
      expect((await rebuilder.sync()).window?.map(({ id }) => id)).toEqual([good.id]);
      expect(events).toEqual(["cache rebuilt", "cache rebuilt"]);
    });
  }
  await kv.put(`${commentPrefix(wall.name)}not-one-of-ours`, "anything");
  await wall.watch();
  const newest = await wall.newest();
  expect(newest.map(({ id }) => id)).toEqual([good.id]);
});

/** The same keys with a new object. */
function newWallOn(wall: Wall): Wall {
  return { ...newWall(), name: wall.name };
}

test("after a ledger failure the last good state is served, and the next rebuild runs", async () => {
  const wall = newWall();
  const first = await wall.store({ timestamp: Date.now() - 1_000, suffix: suffix(1) });
  await withWriter(wall, async ({ rebuilder, kv, events, advance }) => {
    await rebuilder.rebuild();
    kv.failing = true;
    for (let tick = 0; tick < 10; tick += 1) {
      advance(REBUILD_INTERVAL_MS);
      await rebuilder.tick();
      expect((await rebuilder.sync()).window).toMatchObject([{ id: first.id }]);
    }
    expect(events.filter((event) => event === "rebuild failed").length).toBeGreaterThanOrEqual(10);
    expect(await rebuilder.status()).toMatchObject({ ok: false });
    const meanwhile = await wall.store({ timestamp: Date.now(), suffix: suffix(2) });
    kv.failing = false;
    advance(REBUILD_INTERVAL_MS);
    await rebuilder.tick();
    expect((await rebuilder.sync()).window?.[0]?.id).toBe(meanwhile.id);
    expect(await rebuilder.status()).toMatchObject({ ok: true });
  });
});

test("the wall is still ok after two failed rebuilds in a row", async () => {
  const wall = newWall();
  await withWriter(wall, async ({ rebuilder, kv, advance }) => {
    await rebuilder.tick();
    kv.failing = true;
    for (let tick = 0; tick < 2; tick += 1) {
      advance(REBUILD_INTERVAL_MS);
      await rebuilder.tick();
    }
    advance(REBUILD_INTERVAL_MS);
    expect(await rebuilder.status()).toMatchObject({ ok: true, rebuilds: { failed: 2 } });
  });
});

test("the alarm rearms itself: a rebuild runs about every 3 s", async () => {
  const wall = newWall();
  await wall.status();
  const rebuilds = async () => (await wall.status()).rebuilds.count;
  const before = await rebuilds();
  await vi.waitFor(async () => expect(await rebuilds()).toBeGreaterThanOrEqual(before + 2), {
    timeout: 9_000,
    interval: 200,
  });
});

test("the cron alone recovers a lost alarm", async () => {
  const wall = newWall();
  await wall.status();
  await wall.inObject((_object, state) => state.storage.deleteAlarm());
  await wall.watch();
  const due = await wall.inObject((_object, state) => state.storage.getAlarm());
  expect(due).toBeGreaterThan(Date.now() - 1_000);
});

test("a read alone recovers a lost alarm once the cache is over 10 s old", async () => {
  const wall = newWall();
  await wall.status();
  await wall.inObject((_object, state) => state.storage.deleteAlarm());
  const before = (await wall.status()).rebuiltAt;
  const { now } = Date;
  const later = vi.spyOn(Date, "now").mockImplementation(() => now() + CACHE_LATE_MS + 1);
  onTestFinished(() => later.mockRestore());
  await vi.waitFor(
    async () => expect((await wall.read()).rebuiltAt).toBeGreaterThan(before + CACHE_LATE_MS),
    { timeout: 5_000, interval: 100 },
  );
  expect(await wall.inObject((_object, state) => state.storage.getAlarm())).not.toBeNull();
});

test("after an eviction between two polls, the cursor continues and shown comments stay", async () => {
  const wall = newWall();
  const first = await wall.post({ text: "before" });
  await vi.waitFor(async () => expect((await wall.read()).comments).toHaveLength(1), 5_000);
  const before = await wall.read();
  await wall.evict();
  const second = await wall.post({ text: "after" });
  await vi.waitFor(async () => {
    const delta = await wall.read({ since: before.cursor });
    expect(delta).toMatchObject({ gap: false, removed: [], comments: [{ id: second.id }] });
  }, 5_000);
  const ids = (await wall.read()).comments.map(({ id }) => id);
  expect(ids).toEqual([second.id, first.id]);
});

test("the alarm survives a start of the object", async () => {
  const wall = newWall();
  await wall.status();
  await wall.evict();
  expect(await runDurableObjectAlarm(wall.stub())).toBe(true);
  expect(await wall.inObject((_object, state) => state.storage.getAlarm())).not.toBeNull();
});
