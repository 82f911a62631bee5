/**
 * One isolate's replica: when and what it requests, and what it stores in the data centre's cache.
 */
import { expect, test } from "vitest";
import type { Sync } from "#schema/change";
import type { Cursor } from "#schema/cursor";
import { makeId } from "#schema/id";
import { CHANGE_LOG_SIZE } from "#schema/limits";
import type { ReadQuery } from "#schema/read";
import { WallView } from "#schema/view/wall-view";
import { Asker } from "../../contract/asker";
import type { WriterCalls } from "../../contract/writer-calls";
import { Refresher } from "./refresher";
import { Replica } from "./replica";

const HOUR_MS = 60 * 60_000;

function newWorld() {
  const source = new WallView("teststor", 1_000_000);
  const entries = new Map<string, string>();
  const world = {
    now: Date.UTC(2026, 0, 1),
    syncs: [] as (Cursor | undefined)[],
    source,
    entries,
    /** While true, the rebuilder never answers. */
    isHanging: false,
    /** The rebuilder answers when it is resolved. */
    opened: Promise.resolve(),
    /** Keys for which a read of the cache fails. */
    unreadable: new Set<string>(),
    say: (text: string) => {
      const id = makeId(world.now, source.sequence.toString(36).padStart(10, "0"));
      const comment = { id, timestamp: world.now, text, username: "a", color: "#aabbcc" };
      const whole = { ...comment, type: "human" as const, botParams: {} };
      source.apply({ sequence: source.sequence + 1, comment: whole });
      return id;
    },
    remove: (id: string) => source.apply({ sequence: source.sequence + 1, removed: id }),
    isolate: () => {
      const replica = new Replica();
      const clock = {
        now: () => world.now,
        // Simulated time runs a hundred times as fast as real time.
        sleep: (ms: number, signal?: AbortSignal) =>
          new Promise<void>((resolve) => {
            const timer = setTimeout(() => {
              world.now += ms;
              resolve();
            }, ms / 100);
            signal?.addEventListener("abort", () => clearTimeout(timer), { once: true });
          }),
      };
      const rebuilder = {
        sync: async (since?: Cursor) => {
          world.syncs.push(since);
          if (world.isHanging) await new Promise(() => {});
          await world.opened;
          const { store, sequence, floor } = source;
          const head: Sync = { store, sequence, floor, rebuiltAt: world.now, ledger: "kv" };
          const isReached = since && since.sequence >= floor;
          return JSON.stringify(
            isReached
              ? { ...head, changes: source.logSince(since.sequence) }
              : { ...head, window: [...source.window] },
          );
        },
      };
      const refresher = new Refresher({
        wall: "main",
        clock,
        spare: { publish: async () => {}, readSpare: async () => null },
        asker: new Asker(clock, () => rebuilder as unknown as WriterCalls),
        replica,
        shared: {
          get: async (key) => {
            if (world.unreadable.has(key)) throw new Error("the cache fails");
            return entries.get(key) ?? null;
          },
          put: async (key, text) => {
            entries.set(key, text);
          },
        },
        background: () => {},
        log: () => {},
      });
      return { replica, refresher };
    },
  };
  return world;
}

const newestPage = { limit: 500 };

test("many requests with different older cursors cause few requests to the rebuilder", async () => {
  const world = newWorld();
  for (let count = 0; count < 1_500; count += 1) world.say(`${count}`);
  const { replica, refresher } = world.isolate();
  await refresher.refresh(newestPage);
  world.syncs.length = 0;
  const { store, sequence } = world.source;
  for (let back = 1; back <= 1_500; back += 1) {
    const since = { store, sequence: sequence - back };
    await refresher.refresh({ since, limit: 500 });
    const read = JSON.parse(new TextDecoder().decode(replica.read({ since, limit: 1 }).body()));
    expect(read).toMatchObject({ gap: false, comments: [{ text: `${1_500 - back}` }] });
  }
  expect(world.syncs.length).toBeLessThanOrEqual(20);
});

test("a new isolate fills its replica from the cache, including the last seconds' changes", async () => {
  const world = newWorld();
  world.say("one");
  const first = world.isolate();
  await first.refresher.refresh(newestPage);
  const since = first.replica.view?.cursor as Cursor;
  world.now += 2_000;
  world.say("two");
  await first.refresher.refresh(newestPage);
  world.syncs.length = 0;
  const second = world.isolate();
  await second.refresher.refresh({ since, limit: 500 });
  expect(world.syncs).toEqual([]);
  expect(second.replica.view?.window.map(({ text }) => text)).toEqual(["two", "one"]);
  expect(second.replica.view?.changesSince(since, 500)).toMatchObject({
    gap: false,
    comments: [{ text: "two" }],
  });
});

test("after the cache is renewed, no entry contains removed text, even if nobody reads", async () => {
  const world = newWorld();
  const id = world.say("words to take down");
  world.say("words to keep");
  const { refresher } = world.isolate();
  await refresher.refresh(newestPage);
  world.now += 2_000;
  await refresher.refresh(newestPage);
  expect([...world.entries.values()].join()).toContain("words to take down");
  world.remove(id);
  await world.isolate().refresher.renew();
  await Promise.resolve();
  const kept = [...world.entries.values()].join();
  expect(kept).toContain("words to keep");
  expect(kept).not.toContain("words to take down");
});

test("an isolate whose clock was an hour ahead refreshes as soon as the clock is corrected", async () => {
  const world = newWorld();
  const { replica, refresher } = world.isolate();
  world.now += HOUR_MS;
  world.say("one");
  await refresher.refresh(newestPage);
  replica.away(world.now + 1_000);
  world.now -= HOUR_MS;
  world.say("two");
  await refresher.refresh(newestPage);
  expect(replica.view?.window).toHaveLength(2);
  expect(replica.isSpare).toBe(false);
  expect(replica.rebuiltAt).toBeLessThanOrEqual(world.now);
});

test("a refresh abandoned by its client delays others by two seconds at most", async () => {
  const world = newWorld();
  world.say("one");
  const { replica, refresher } = world.isolate();
  await refresher.refresh(newestPage);
  world.now += 5_000;
  world.isHanging = true;
  // The platform cancelled the refresh when its client left: nothing clears it.
  replica.refreshing = { beganAt: world.now, askedAt: world.now, until: world.now + 2_000 };
  world.isHanging = false;
  world.say("two");
  const cameAt = world.now;
  await refresher.refresh(newestPage);
  expect(replica.view?.window).toHaveLength(2);
  expect(world.now - cameAt).toBeLessThanOrEqual(2_500);
});

test("an isolate does not wait for another's sync if it can't read the answer in the cache", async () => {
  const world = newWorld();
  world.say("one");
  const [first, second] = [world.isolate(), world.isolate()];
  await first.refresher.refresh(newestPage);
  await second.refresher.refresh(newestPage);
  world.now += 1_200;
  world.say("two");
  await first.refresher.refresh(newestPage);
  world.now += 1_100;
  world.unreadable.add("main/recent");
  await second.refresher.refresh(newestPage);
  expect(second.replica.view?.window.map(({ text }) => text)).toEqual(["two", "one"]);
});

test("data that is two seconds old is marked as spare if another isolate's newer question has failed", async () => {
  const world = newWorld();
  world.say("one");
  const [asking, reading] = [world.isolate(), world.isolate()];
  await reading.refresher.refresh(newestPage);
  world.now += 5_000;
  await asking.refresher.refresh(newestPage);
  world.now += 2_000;
  world.entries.set("main/asking", JSON.stringify({ at: world.now - 600, failed: true }));
  await reading.refresher.refresh(newestPage);
  expect(reading.replica.isSpare).toBe(true);
});

test("changes that the rebuilder has dropped meanwhile cost an isolate none of its own, and keep nobody waiting", async () => {
  const world = newWorld();
  for (let count = 0; count < CHANGE_LOG_SIZE; count += 1) world.say(`${count}`);
  const { replica, refresher } = world.isolate();
  await refresher.refresh(newestPage);
  const { store, sequence, floor } = world.source;
  const reader = { since: { store, sequence: sequence - 100 }, limit: 500 };
  await refresher.refresh(reader);
  const asking = world.entries.get("main/asking");
  world.now += 100;
  for (let count = 0; count < 10; count += 1) world.say(`later ${count}`);
  const old = { since: { store, sequence: floor }, limit: 500 };
  await refresher.refresh(old);
  expect(world.syncs.at(-1)).toEqual(old.since);
  const read = (query: ReadQuery) =>
    JSON.parse(new TextDecoder().decode(replica.read(query).body()));
  expect(read(old).gap).toBe(true);
  expect(read(reader)).toMatchObject({ gap: false, comments: { length: 100 } });
  expect(world.entries.get("main/asking")).toBe(asking);
});

test("an isolate that another's answer has overtaken leaves nobody waiting for its own", async () => {
  const world = newWorld();
  world.say("one");
  const first = world.isolate();
  await first.refresher.refresh(newestPage);
  for (let count = 0; count <= CHANGE_LOG_SIZE; count += 1) world.say(`${count}`);
  world.now += 5_000;
  const second = world.isolate();
  await second.refresher.refresh(newestPage);
  world.now += 100;
  let open = () => {};
  world.opened = new Promise((resolve) => {
    open = resolve;
  });
  // It asks from a cursor that the rebuilder's log does not reach, and meanwhile takes the second one's answer.
  const renewed = first.refresher.renew();
  await first.refresher.refresh(newestPage);
  open();
  await renewed;
  world.now += 1_100;
  world.say("new");
  await second.refresher.refresh(newestPage);
  expect(second.replica.view?.window[0]?.text).toBe("new");
});
