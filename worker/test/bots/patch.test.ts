import { expect, test, vi } from "vitest";
import { keyOf, makeId } from "#schema/id";
import { callsTo } from "#worker/contract/writer-calls";
import { HELD_SIZE } from "#worker/writer/state/held";
import { eventually } from "../eventually";
import { ADMIN, env, NOBODY, newWall, onKv, suffix } from "../wall";

const PROCESSED = { botParams: { processed: true } };

test("PATCH works as soon as POST has answered, 100 times, and survives a restart", async () => {
  const wall = newWall();
  const postAndPatch = async () => {
    const { id } = await wall.post({ text: "message" });
    expect(await wall.patch(id)).toMatchObject({ id, ...PROCESSED });
    return id;
  };
  const ids: string[] = [];
  for (let round = 0; round < 10; round += 1)
    ids.push(...(await Promise.all(Array.from({ length: 10 }, postAndPatch))));
  await wall.evict();
  const newest = await wall.newest();
  expect(newest.map(({ id }) => id).sort()).toEqual([...ids].sort());
  expect(newest.every(({ botParams }) => botParams.processed)).toBe(true);
});

onKv("a comment whose key is missing can be patched, and gets its key back", async () => {
  const wall = newWall();
  const { id } = await wall.post({ text: "Hello" });
  await vi.waitFor(async () => expect(await wall.newest()).toHaveLength(1), 5_000);
  await env.LEDGER_KV.delete(keyOf(wall.name, id));
  await wall.patch(id);
  await wall.keyProcessed(id);
  expect(await wall.stored(id)).toMatchObject({ id, text: "Hello" });
});

test("a flag is written to the comment's key, with the change's sequence", async () => {
  const wall = newWall();
  const { id } = await wall.post({ text: "Hello" });
  await wall.patch(id);
  await wall.keyProcessed(id);
  expect((await wall.stored(id))?.sequence).toBeGreaterThan(0);
});

onKv("a key write interrupted by a crash is repeated by the next incarnation", async () => {
  const wall = newWall();
  const { id } = await wall.post({ text: "Hello" });
  await wall.patch(id);
  await wall.evict();
  await wall.status();
  await wall.keyProcessed(id);
});

onKv("after losing the object's storage, the keys alone rebuild the wall", async () => {
  const wall = newWall();
  const { id } = await wall.post({ text: "Hello" });
  await wall.patch(id);
  await wall.keyProcessed(id);
  const before = await wall.read();
  await wall.inObject((_object, state) => state.storage.deleteAll());
  await wall.evict();
  expect(await wall.newest()).toMatchObject([{ id, ...PROCESSED }]);
  await vi.waitFor(async () => expect((await wall.read({ since: before.cursor })).gap).toBe(true), {
    timeout: 5_000,
  });
  await wall.patch(id, false);
  expect(await wall.newest()).toMatchObject([{ id, botParams: { processed: false } }]);
});

test("repeating a patch makes no further change", async () => {
  const wall = newWall();
  const { id } = await wall.post({ text: "Hello" });
  await wall.patch(id);
  await vi.waitFor(async () => expect((await wall.read()).comments).toMatchObject([PROCESSED]), {
    timeout: 5_000,
  });
  const { cursor } = await wall.read();
  expect(await wall.patch(id)).toMatchObject(PROCESSED);
  await eventually(async () => {
    const { sequence } = JSON.parse(await wall.writer().sync());
    expect(cursor.endsWith(`.${sequence}`)).toBe(true);
  });
});

onKv("a comment beyond the snapshot can be patched", async () => {
  const wall = newWall();
  const old = await wall.store({ timestamp: Date.now() - 86_400_000 * 30, suffix: suffix(1) });
  expect(await wall.patch(old.id)).toMatchObject({ id: old.id, ...PROCESSED });
});

test("an unknown id returns 503 while it is recent, and 404 later", async () => {
  const wall = newWall();
  const young = await wall.tryPatch(makeId(Date.now() - 9 * 60_000, suffix(1)), PROCESSED);
  expect(young).toMatchObject({ ok: false, problem: { status: 503 }, retryAfterSeconds: 1 });
  const old = await wall.tryPatch(makeId(Date.now() - 11 * 60_000, suffix(1)), PROCESSED);
  expect(old).toMatchObject({ ok: false, problem: { status: 404, code: "not_found" } });
  const future = await wall.tryPatch(makeId(Date.now() + 3_600_000, suffix(1)), PROCESSED);
  expect(future).toMatchObject({ ok: false, problem: { status: 404 } });
});

test.each([
  ["no token", NOBODY, 401],
  ["a wrong token", { token: "not-a-token-that-anyone-has" }, 401],
  ["an empty token", { token: "" }, 401],
  ["the admin's token", ADMIN, 403],
])("PATCH with %s is rejected", async (_name, caller, status) => {
  const wall = newWall();
  const { id } = await wall.post({ text: "Hello" });
  expect(await wall.tryPatch(id, PROCESSED, caller)).toMatchObject({
    ok: false,
    problem: { status },
  });
});

test("an invalid patch is rejected with a pointer for each field", async () => {
  const wall = newWall();
  const { id } = await wall.post({ text: "Hello" });
  const refused = await wall.tryPatch(id, { botParams: { processed: "yes" }, text: "other" });
  expect(refused).toMatchObject({ ok: false, problem: { status: 400, code: "invalid_field" } });
  const pointers = refused.ok ? [] : refused.problem.errors?.map(({ pointer }) => pointer);
  expect(pointers?.sort()).toEqual(["/botParams/processed", "/text"]);
});

onKv(
  "a comment pushed out by 5,000 newer ones within minutes is found and marked, and not shown again",
  async () => {
    const wall = newWall();
    const timestamp = Date.now() - 120_000;
    const bots = { type: "bot", nonce: "pushed-out-0123", botParams: {} } as const;
    const first = await wall.store({ timestamp, suffix: suffix(0), ...bots });
    await wall.rebuildTimes(1);
    await wall.inObject(async (object) => {
      const writer = callsTo(object, { wall: wall.name });
      for (let n = 1; n <= HELD_SIZE; n += 1) {
        const id = makeId(timestamp + n, suffix(n));
        await writer.notice({
          ...first,
          id,
          timestamp: timestamp + n,
          nonce: `pusher-${n}`,
        });
      }
    });
    const sequence = async () => JSON.parse(await wall.writer().sync()).sequence;
    const before = await sequence();
    expect(await wall.find(first.id)).toMatchObject({ ok: true, value: { id: first.id } });
    expect(await sequence()).toBe(before);
    expect((await wall.patch(first.id)).botParams.processed).toBe(true);
    await wall.keyProcessed(first.id);
  },
);
