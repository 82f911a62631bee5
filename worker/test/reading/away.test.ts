/**
 * While the rebuilder is unavailable, posts succeed and reads are answered from memory or the
 * published copy.
 */
import { expect, test, vi } from "vitest";
import { wallPrefix } from "#schema/id";
import type { Read } from "#schema/read";
import type { KvBinding } from "#worker/ledger/kv";
import { eventually } from "../eventually";
import { newIsolate } from "../isolate";
import { env, expectValue, newWall, suffix } from "../wall";

const ids = (read: Read) => read.comments.map(({ id }) => id);

test("during 30 s without the rebuilder, posts are stored and reads answered; then everything shows", async () => {
  const wall = newWall();
  const isolate = newIsolate(wall);
  const before = expectValue(await isolate.service.post({}, { text: "before" })).comment;
  await isolate.settled();
  // The post asks whether posting is paused, which published the wall while it was still empty.
  await vi.waitFor(
    async () => {
      await wall.rebuildTimes(1);
      const published = await env.LEDGER_KV.get(`${wallPrefix(wall.name)}recent:comments`);
      expect(published).toContain(before.id);
    },
    { timeout: 10_000, interval: 100 },
  );
  isolate.advance(1_500);
  const shown = await isolate.read();
  expect(ids(shown)).toEqual([before.id]);

  isolate.away = true;
  const posted: string[] = [];
  for (let second = 0; second < 30; second += 3) {
    isolate.advance(3_000);
    const { comment } = expectValue(await isolate.service.post({}, { text: `at ${second} s` }));
    posted.push(comment.id);
    expect(await isolate.read()).toMatchObject({ spare: true, comments: [{ id: before.id }] });
    expect(await isolate.read(shown.cursor)).toMatchObject({
      spare: true,
      comments: [],
      cursor: shown.cursor,
      gap: false,
    });
  }
  const cold = newIsolate(wall);
  cold.away = true;
  expect(await cold.read()).toMatchObject({ spare: true, comments: [{ id: before.id }] });

  isolate.away = false;
  isolate.dropNotices = true;
  await wall.inObject((object) => object.alarm());
  isolate.advance(3_000);
  const after = await isolate.read();
  expect(after.spare).toBeUndefined();
  expect(ids(after).sort()).toEqual([before.id, ...posted].sort());
});

test("requests that need the rebuilder return 503 while it is unavailable", async () => {
  const wall = newWall();
  const isolate = newIsolate(wall);
  isolate.away = true;
  expect(await isolate.service.status()).toMatchObject({ ok: false, wall: wall.name });
  const id = `${Date.now()}-${suffix(1)}`;
  expect(await isolate.service.find(id)).toMatchObject({ ok: false, problem: { status: 503 } });
});

test("before its first successful read, a wall is shown empty, and later reads start over", async () => {
  const wall = newWall();
  const isolate = newIsolate(wall);
  isolate.away = true;
  const empty = await isolate.read();
  expect(empty).toMatchObject({ comments: [], spare: true, rebuiltAt: 0 });
  isolate.away = false;
  isolate.advance(3_000);
  expect(await isolate.read(empty.cursor)).toMatchObject({ gap: true, comments: [] });
});

test("if KV rejects the write, the post returns 503 and leaves nothing behind", async () => {
  const wall = newWall();
  const refusing = {
    ...(env.LEDGER_KV as unknown as KvBinding),
    put: () => Promise.reject(new Error("KV PUT failed: 429 Too Many Requests")),
  };
  const isolate = newIsolate(wall, refusing as KvBinding);
  const refused = await isolate.service.post({}, { text: "Hello", nonce: "nonce-of-it" });
  expect(refused).toMatchObject({
    ok: false,
    problem: { status: 503, code: "unavailable" },
    retryAfterSeconds: 1,
  });
  expect(await wall.newest()).toEqual([]);
});

test("many readers in one isolate cause about one read of the rebuilder per second", async () => {
  const wall = newWall();
  const isolate = newIsolate(wall);
  await isolate.read();
  for (let tenth = 0; tenth < 100; tenth += 1) {
    isolate.advance(100);
    await Promise.all([isolate.read(), isolate.read(), isolate.read()]);
  }
  expect(isolate.syncs).toBeLessThanOrEqual(16);
  expect(isolate.syncs).toBeGreaterThanOrEqual(9);
});

test("reads never use the ledger while the rebuilder answers", async () => {
  const wall = newWall();
  const refusing = new Proxy({} as KvBinding, {
    get: (_target, name) => () => Promise.reject(new Error(`a read called ${String(name)}`)),
  });
  const isolate = newIsolate(wall, refusing);
  const read = await isolate.read();
  expect(read.spare).toBeUndefined();
  isolate.advance(5_000);
  expect((await isolate.read(read.cursor)).gap).toBe(false);
});

test("a new isolate answers an older cursor of the same store with a delta", async () => {
  const wall = newWall();
  const first = newIsolate(wall);
  const start = await first.read();
  await wall.post({ text: "one" });
  await wall.post({ text: "two" });
  await wall.newest();
  const delta = await newIsolate(wall).read(start.cursor);
  expect(delta).toMatchObject({ gap: false, comments: [{ text: "one" }, { text: "two" }] });
});

test("without the rebuilder, the published wall is shown if it is newer than the isolate's copy", async () => {
  const wall = newWall();
  const isolate = newIsolate(wall);
  await isolate.read();
  await wall.post({ text: "later" });
  await vi.waitFor(
    async () => {
      await wall.rebuildTimes(1);
      const published = await env.LEDGER_KV.get(`${wallPrefix(wall.name)}recent:comments`);
      expect(published).toContain("later");
    },
    { timeout: 10_000, interval: 100 },
  );
  isolate.away = true;
  isolate.slowKvMs = 100;
  isolate.advance(5_000);
  expect(await isolate.read()).toMatchObject({ spare: true, comments: [{ text: "later" }] });
});

test("without the rebuilder, a new isolate shows the published wall to all concurrent readers", async () => {
  const wall = newWall();
  const { timestamp } = await wall.store({ timestamp: Date.now() - 1_000, suffix: suffix(1) });
  await wall.rebuildTimes(1);
  const kv = env.LEDGER_KV as unknown as KvBinding;
  let asked = 0;
  let open = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  const slow = async (keys: string) => {
    asked += 1;
    await opened;
    return kv.get(keys);
  };
  const cold = newIsolate(wall, {
    put: kv.put.bind(kv),
    list: kv.list.bind(kv),
    get: slow as KvBinding["get"],
  });
  cold.away = true;
  const first = cold.read();
  await eventually(() => expect(asked).toBe(1));
  const second = cold.read();
  open();
  for (const read of [await first, await second])
    expect(read).toMatchObject({ spare: true, comments: [{ timestamp }] });
});
