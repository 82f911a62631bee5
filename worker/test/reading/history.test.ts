/** History beyond the window: complete, in order, without duplicates, and at bounded cost. */
import { expect, test } from "vitest";
import type { StoredComment } from "#schema/comment";
import { commentPrefix, keyOf } from "#schema/id";
import { formatPlace } from "#schema/place";
import type { Read } from "#schema/read";
import { callsTo } from "#worker/contract/writer-calls";
import { countingKv } from "../counting-kv";
import { newIsolate } from "../isolate";
import { env, newWall, suffix, type Wall } from "../wall";

const HOUR_MS = 3_600_000;
const PUTS_AT_ONCE = 500;
const NEWER_THAN_ALL = "9999999999999-0000000000";
const OLDER_THAN_ALL = "0000000000000-0000000000";

/** Stores `count` comments one second apart, the newest an hour old. Returns them newest first. */
async function storeAll(wall: Wall, count: number): Promise<StoredComment[]> {
  const newest = Date.now() - HOUR_MS;
  const stored: StoredComment[] = [];
  while (stored.length < count) {
    const batch = Array.from({ length: Math.min(PUTS_AT_ONCE, count - stored.length) }, (_, n) => {
      const index = stored.length + n;
      return wall.store({ timestamp: newest - index * 1_000, suffix: suffix(index) });
    });
    stored.push(...(await Promise.all(batch)));
  }
  return stored;
}

/**
 * Follows `nextBefore` to the end, starting at a place, after a history page, or after the newest
 * comments.
 */
async function walk(from: string | Read, page: (before: string) => Promise<Read>) {
  const pages: Read[] = [];
  let before = typeof from === "string" ? from : (from.nextBefore ?? from.comments.at(-1)?.id);
  if (typeof from !== "string" && from.nextBefore === null) before = undefined;
  while (before) {
    const read = await page(before);
    pages.push(read);
    before = read.nextBefore ?? undefined;
  }
  return { pages, ids: pages.flatMap(({ comments }) => comments.map(({ id }) => id)) };
}

const idsOf = (comments: readonly { id: string }[]) => comments.map(({ id }) => id);

test("2,500 comments can be read from the newest to the first: each once, with about 1 list and 1 get per page", async () => {
  const wall = newWall();
  const stored = await storeAll(wall, 2_500);
  const flagged = stored[2_000] as StoredComment;
  // Two copies of one message, both older than the window.
  const twins = { nonce: "nonce-of-twins", suffix: suffix(740) };
  await wall.store({ ...twins, timestamp: stored[740]?.timestamp ?? 0 });
  const later = await wall.store({ ...twins, timestamp: (stored[700]?.timestamp ?? 0) + 1 });
  await wall.rebuildTimes(3);
  await wall.patch(flagged.id);

  const kv = countingKv();
  // List pages that end inside a history page.
  kv.listMaxKeys = 650;
  // Reads here don't have the mark and the merge yet.
  for (const comment of [flagged, later])
    kv.stale.set(keyOf(wall.name, comment.id), JSON.stringify(comment));
  const isolate = newIsolate(wall, kv);
  const newest = await isolate.read();
  const costs: string[] = [];
  const { pages, ids } = await walk(newest, async (before) => {
    kv.reset();
    const page = await isolate.history(before);
    costs.push(`${kv.counts.list} list, ${kv.counts.get} get, ${kv.counts.put} put`);
    return page;
  });

  expect([...idsOf(newest.comments), ...ids]).toEqual(idsOf(stored));
  const shown = pages.flatMap(({ comments }) => comments);
  expect(shown.find(({ id }) => id === flagged.id)?.botParams.processed).toBe(true);
  for (const page of pages) {
    expect(page).toMatchObject({ removed: [], gap: false, cursor: newest.cursor });
    expect(page.spare).toBeUndefined();
  }
  for (const cost of costs) expect(cost).toMatch(/^[12] list, [01] get, 0 put$/);
  const borders = costs.filter((cost) => cost.startsWith("2")).length;
  expect(borders).toBeGreaterThan(0);
  expect(borders).toBeLessThanOrEqual(2_500 / kv.listMaxKeys);
}, 120_000);

test("comments held by the rebuilder are not read from the ledger again", async () => {
  const wall = newWall();
  const stored = await storeAll(wall, 900);
  await wall.rebuildTimes(3);
  const kv = countingKv();
  const isolate = newIsolate(wall, kv);
  const newest = await isolate.read();
  const { pages, ids } = await walk(newest, (before) => isolate.history(before));
  expect([...idsOf(newest.comments), ...ids]).toEqual(idsOf(stored));
  expect(kv.counts).toEqual({ list: pages.length, get: 0, put: 0 });
});

test("comments missing from lists appear in their place, and no other is skipped", async () => {
  const wall = newWall();
  const stored = await storeAll(wall, 40);
  await wall.rebuildTimes(1);
  const kv = countingKv();
  const hidden = stored.filter((_, index) => index % 3 !== 1 || index > 30);
  for (const { id } of hidden) kv.unlisted.add(keyOf(wall.name, id));
  const isolate = newIsolate(wall, kv);
  for (const limit of [1, 7, 10, 100]) {
    const { ids } = await walk(NEWER_THAN_ALL, (before) => isolate.history(before, limit));
    expect(ids).toEqual(idsOf(stored));
  }
});

test("a page can start after any id, even one without a comment", async () => {
  const wall = newWall();
  const stored = await storeAll(wall, 30);
  const isolate = newIsolate(wall);
  const between = `${(stored[9]?.timestamp ?? 0) - 500}-${suffix(0)}`;
  for (const [before, first] of [
    [NEWER_THAN_ALL, 0],
    [stored[9]?.id ?? "", 10],
    [between, 10],
    [stored[29]?.id ?? "", 30],
    [OLDER_THAN_ALL, 30],
  ] as const) {
    const page = await isolate.history(before, 30);
    expect(idsOf(page.comments)).toEqual(idsOf(stored.slice(first)));
    expect(page.nextBefore).toBeNull();
  }
});

test("finding a very old id takes at most 20 lists per request, over several requests", async () => {
  const wall = newWall();
  const stored = await storeAll(wall, 500);
  const kv = countingKv();
  kv.listMaxKeys = 10;
  const isolate = newIsolate(wall, kv);
  for (const [index, requests] of [
    [150, 1],
    [195, 1],
    [199, 2],
    [205, 2],
    [450, 3],
  ] as const) {
    kv.reset();
    let page = await isolate.history(stored[index]?.id ?? "", 10);
    let asked = 1;
    while (page.comments.length === 0 && page.nextBefore) {
      expect(kv.counts.list).toBeLessThanOrEqual(20 * asked);
      page = await isolate.history(page.nextBefore, 10);
      asked += 1;
    }
    expect(asked).toBe(requests);
    expect(page.comments[0]?.id).toBe(stored[index + 1]?.id);
    const { ids } = await walk(page, (before) => isolate.history(before, 10));
    expect([...idsOf(page.comments), ...ids]).toEqual(idsOf(stored.slice(index + 1)));
  }
});

test("after 1,200 consecutive removed messages, the next page has comments again", async () => {
  const wall = newWall();
  const stored = await storeAll(wall, 1_310);
  await wall.rebuildTimes(4);
  const gone = stored.slice(20, 1_220).map(({ id }) => id);
  await wall.inObject((object) => {
    const writer = callsTo(object, { wall: wall.name });
    return Promise.all(gone.map((id) => writer.remove(id)));
  });
  const kv = countingKv();
  const isolate = newIsolate(wall, kv);
  const { pages, ids } = await walk(stored[9]?.id ?? "", (before) => isolate.history(before, 10));
  expect(ids).toEqual(idsOf([...stored.slice(10, 20), ...stored.slice(1_220)]));
  const empty = pages.filter(({ comments }) => comments.length === 0);
  expect(empty.length).toBeLessThanOrEqual(1);
});

test("a far search counts as one page per list against the limit", async () => {
  const wall = newWall();
  const stored = await storeAll(wall, 300);
  const kv = countingKv();
  kv.listMaxKeys = 10;
  const isolate = newIsolate(wall, kv);
  let left = 5;
  isolate.limits.history = async () => {
    left -= 1;
    return left >= 0;
  };
  const page = await isolate.history(stored[150]?.id ?? "", 10);
  expect(page.comments).toEqual([]);
  expect(kv.counts.list).toBe(2 + 4);
  isolate.limits.history = async () => true;
  const { ids } = await walk(page, (before) => isolate.history(before, 10));
  expect(ids).toEqual(idsOf(stored.slice(151)));
});

test("an expired list cursor is found again from the id; a failing list returns 503", async () => {
  const wall = newWall();
  const stored = await storeAll(wall, 40);
  const kv = countingKv();
  kv.listMaxKeys = 10;
  const isolate = newIsolate(wall, kv);
  const before = formatPlace({ id: stored[19]?.id ?? "", listCursor: "of-another-time" });
  kv.refusedCursors.add("of-another-time");
  const page = await isolate.history(before, 10);
  expect(idsOf(page.comments)).toEqual(idsOf(stored.slice(20, 30)));
  kv.failing = true;
  expect(await isolate.tryHistory(before)).toMatchObject({
    ok: false,
    problem: { status: 503, code: "unavailable" },
    retryAfterSeconds: 1,
  });
});

test("without the rebuilder, history comes from the ledger alone and is marked as spare", async () => {
  const wall = newWall();
  const stored = await storeAll(wall, 30);
  await wall.rebuildTimes(1);
  const isolate = newIsolate(wall);
  const { cursor } = await isolate.read();
  isolate.away = true;
  isolate.advance(3_000);
  const page = await isolate.history(NEWER_THAN_ALL, 30);
  expect(page).toMatchObject({ spare: true, cursor, nextBefore: null });
  expect(idsOf(page.comments)).toEqual(idsOf(stored));
});

test("corrupt values, foreign keys and keys without a value yet are skipped", async () => {
  const wall = newWall();
  const stored = await storeAll(wall, 30);
  const [corrupt, missing] = [stored[3] as StoredComment, stored[14] as StoredComment];
  await env.LEDGER_KV.put(keyOf(wall.name, corrupt.id), "{");
  await env.LEDGER_KV.put(`${commentPrefix(wall.name)}8-not-one-of-ours`, "anything");
  const kv = countingKv();
  kv.stale.set(keyOf(wall.name, missing.id), null);
  const isolate = newIsolate(wall, kv);
  isolate.away = true;
  const { ids } = await walk(NEWER_THAN_ALL, (before) => isolate.history(before, 4));
  const readable = stored.filter((comment) => comment !== corrupt && comment !== missing);
  expect(ids).toEqual(idsOf(readable));
});

test("the deployed entrypoint answers history", async () => {
  const wall = newWall();
  const stored = await storeAll(wall, 12);
  const { ids } = await walk(NEWER_THAN_ALL, (before) => wall.history(before, 5));
  expect(ids).toEqual(idsOf(stored));
});
