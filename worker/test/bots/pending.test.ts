/** Pending comments: which, in what order, and through which events they stay pending. */
import { expect, test, vi } from "vitest";
import type { Caller } from "#schema/rpc";
import { Operations } from "#worker/platform/operations";
import { newIsolate } from "../isolate";
import { openWriter } from "../open-writer";
import { ADMIN, BOT, commentAt, env, expectValue, newWall, onKv } from "../wall";

const ALL = { pending: true as const, limit: 500 };
const HOUR_MS = 3_600_000;

const ids = (comments: readonly { id: string }[]) => comments.map(({ id }) => id);

test("the highest priority comes first, then the oldest; an entity gets its own and unaddressed comments", async () => {
  const wall = newWall();
  const post = async (botParams?: object) =>
    (await wall.post({ text: "Hello", ...(botParams && { botParams }) }, BOT)).id;
  const plain = await post();
  const oracle = await post({ entity: "oracle" });
  const urgent = await post({ priority: 99, entity: "poet" });
  const sooner = await post({ priority: 7 });
  const later = await post();
  await post({ processed: true });
  await wall.arrived(5);
  expect(ids(await wall.pending())).toEqual([urgent, sooner, plain, oracle, later]);
  expect(ids(await wall.pending({ limit: 2 }))).toEqual([urgent, sooner]);
  expect(ids(await wall.pending({ entity: "oracle" }))).toEqual([sooner, plain, oracle, later]);
  expect(ids(await wall.pending({ entity: "poet", limit: 2 }))).toEqual([urgent, sooner]);
  expect(ids(await wall.pending({ entity: "nobody" }))).toEqual([sooner, plain, later]);
  const addressed = (entity: string) => wall.pending({ entity, addressed: true });
  expect(ids(await addressed("oracle"))).toEqual([oracle]);
  expect(ids(await addressed("poet"))).toEqual([urgent]);
  expect(await addressed("nobody")).toEqual([]);
});

test("a bot sees its own message behind more for nobody than it asks for", async () => {
  const wall = newWall();
  for (let n = 0; n < 22; n += 1) await wall.post({ text: "Hello everybody" });
  const { id } = await wall.post({ text: "What time is it?", botParams: { entity: "clock" } });
  await wall.arrived(23);
  const seen = await wall.pending({ entity: "clock", limit: 20 });
  expect(seen).toHaveLength(20);
  expect(seen.at(-1)?.id).toBe(id);
});

onKv(
  "6,000 pending comments beyond the window and memory survive restarts and two rotations",
  async () => {
    const wall = newWall();
    await wall.inObject(async (_object, state) => {
      const start = Date.now() - HOUR_MS;
      let now = start;
      const operations = new Operations();
      const open = () => openWriter(wall, state, { now: () => now, operations });
      const before = open();
      await before.rebuild();
      // Then as many that need no bot, so that none of the first are in memory or in the journal's
      // changes.
      const total = 18_000;
      for (let n = 0; n < total; n += 1) {
        now = start + n;
        before.notice(commentAt(now, n, n < 6_000 ? {} : { processed: true }));
        if (n % 100 === 99) await before.pending({ ...ALL, limit: 1 });
      }
      const after = open();
      await after.rebuild();
      const kvBefore = operations.ledger();
      const waiting = await after.pending(ALL);
      expect(waiting.comments.map(({ timestamp }) => timestamp)).toEqual(
        Array.from({ length: 500 }, (_, n) => start + n),
      );
      expect((await after.status()).pending).toEqual({ size: 6_000, dropped: 0 });
      // The very first, which only the queue has, can be claimed and marked without the ledger.
      const { id } = commentAt(start, 0);
      expect(await after.claim(id, "ada", 30)).toMatchObject({ state: "found" });
      expect(await after.patch(id, true)).toMatchObject({ state: "found" });
      expect((await open().status()).pending).toEqual({ size: 5_999, dropped: 0 });
      expect(operations.ledger()).toEqual(kvBefore);
    });
  },
  120_000,
);

onKv(
  "beyond 10,000, the oldest pending comments are dropped and counted, as are yesterday's",
  async () => {
    const wall = newWall();
    await wall.inObject(async (_object, state) => {
      const start = Date.now() - HOUR_MS;
      let now = start;
      const open = () => openWriter(wall, state, { now: () => now });
      const rebuilder = open();
      await rebuilder.rebuild();
      for (let n = 0; n < 10_030; n += 1) {
        now = start + n;
        rebuilder.notice(commentAt(now, n));
        if (n % 100 === 99) await rebuilder.sync({ store: "teststor", sequence: 0 });
      }
      const { comments } = await rebuilder.pending({ ...ALL, limit: 1 });
      expect(comments[0]?.timestamp).toBe(start + 30);
      expect((await rebuilder.status()).pending).toEqual({ size: 10_000, dropped: 30 });
      expect((await open().status()).pending).toEqual({ size: 10_000, dropped: 30 });
      now = start + 24 * HOUR_MS + 40;
      expect((await rebuilder.pending({ ...ALL, limit: 1 })).comments[0]?.timestamp).toBe(
        start + 40,
      );
      await rebuilder.rebuild();
      expect((await rebuilder.status()).pending).toEqual({ size: 9_990, dropped: 40 });
    });
  },
  120_000,
);

onKv("a comment found late and older than all in memory is pending too", async () => {
  const wall = newWall();
  await wall.inObject(async (_object, state) => {
    const now = Date.now();
    const rebuilder = openWriter(wall, state, { now: () => now });
    await rebuilder.rebuild();
    for (let n = 0; n < 5_100; n += 1)
      rebuilder.notice(commentAt(now - 10_000 + n, n, { processed: true }));
    await rebuilder.sync();
    const late = commentAt(now - HOUR_MS, 6_000);
    rebuilder.notice(late);
    expect(ids((await rebuilder.pending(ALL)).comments)).toEqual([late.id]);
  });
});

onKv("reading pending comments costs no ledger operation", async () => {
  const wall = newWall();
  await wall.post({ text: "Hello" });
  await wall.arrived(1);
  const before = await wall.status();
  for (let time = 0; time < 20; time += 1) expect(await wall.pending()).toHaveLength(1);
  const { operations, rebuilds } = await wall.status();
  const lists = (operations.kv_list ?? 0) - (before.operations.kv_list ?? 0);
  expect(lists).toBe(rebuilds.count - before.rebuilds.count);
  expect(operations.kv_read_call).toBe(before.operations.kv_read_call);
});

test("a bot's nonce has one id, wherever and however often it is sent", async () => {
  const wall = newWall();
  const isolates = Array.from({ length: 8 }, () => newIsolate(wall));
  const draft = { text: "an answer", type: "bot", nonce: "reply-to-something" };
  const posted = await Promise.all(isolates.map(({ service }) => service.post(BOT, draft)));
  const results = posted.map(expectValue);
  expect(new Set(results.map(({ comment: { id } }) => id)).size).toBe(1);
  expect(results.filter(({ created }) => created)).toHaveLength(1);
  await Promise.all(isolates.map(({ settled }) => settled()));
  await wall.evict();
  const again = expectValue(await newIsolate(wall).service.post(BOT, draft));
  expect(again).toEqual({ comment: results[0]?.comment, created: false });
  expect(await wall.newest()).toHaveLength(1);
  expect(await wall.stored(again.comment.id)).toMatchObject({ text: "an answer" });
});

onKv(
  "a bot's message whose key write failed is stored by the retry, under the same id",
  async () => {
    const wall = newWall();
    const refusing = { put: () => Promise.reject(new Error("KV PUT failed: 429")) };
    const broken = newIsolate(wall, { ...env.LEDGER_KV, ...refusing } as never);
    const draft = { text: "an answer", type: "bot", nonce: "reply-to-another" };
    expect(await broken.service.post(BOT, draft)).toMatchObject({ problem: { status: 503 } });
    const [shown] = await wall.newest();
    const { comment, created } = expectValue(await newIsolate(wall).service.post(BOT, draft));
    expect({ id: comment.id, created }).toEqual({ id: shown?.id, created: false });
    expect(await wall.stored(comment.id)).toMatchObject({ text: "an answer" });
  },
);

test("a mark on yesterday's message leaves today's nonce with today's message", async () => {
  const wall = newWall();
  const draft = { text: "good morning", type: "bot", nonce: "daily-greeting" };
  const yesterday = await wall.post(draft, BOT);
  const { now } = Date;
  const later = vi.spyOn(Date, "now").mockImplementation(() => now() + 25 * HOUR_MS);
  try {
    const today = await wall.post(draft, BOT);
    expect(today.id).not.toBe(yesterday.id);
    await wall.patch(yesterday.id);
    expect((await wall.post(draft, BOT)).id).toBe(today.id);
  } finally {
    later.mockRestore();
  }
});

test("without a token, reading pending comments counts against the history limit", async () => {
  const wall = newWall();
  await wall.post({ text: "Hello" });
  const isolate = newIsolate(wall);
  const ask = (caller: Caller) => isolate.service.pending({ ...ALL, limit: 1 }, caller);
  const visitor = { address: "192.0.2.7" };
  const counted: string[] = [];
  isolate.limits.history = async (network) => {
    counted.push(network);
    return counted.length === 1;
  };
  expect(await ask(visitor)).toMatchObject({ ok: true });
  expect(counted).toEqual(["192.0.2.7"]);
  const refused = { problem: { status: 429, code: "rate_limited" }, retryAfterSeconds: 60 };
  expect(await ask(visitor)).toMatchObject(refused);
  expect(await ask({ ...visitor, token: "not-a-token" })).toMatchObject(refused);
  for (const trusted of [BOT, ADMIN])
    expect(await ask({ ...visitor, ...trusted })).toMatchObject({ ok: true });
});
