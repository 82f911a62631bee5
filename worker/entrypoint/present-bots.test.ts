/** The bots that are present, and what it costs the single writer to list them. */
import { expect, test } from "vitest";
import type { Sync } from "#schema/change";
import { PRESENCE_MS } from "#schema/limits";
import { callsBy } from "../contract/writer-calls";
import { Presence } from "../live/presence";
import { ManualClock } from "../live/testing";
import type { CommentsService } from "./service";
import { serviceWith } from "./testing";

const BOT = { token: "bot-token-0123456789abcdef" };
const ADMIN = { token: "admin-token-0123456789abcdef" };
const PENDING = { pending: true as const, limit: 20 };

function newDataCentre() {
  const clock = new ManualClock();
  const presence = new Presence();
  const entries = new Map<string, string>();
  const world = { isAway: false, calls: {} as Record<string, number> };
  const answers: Record<string, (...args: readonly unknown[]) => unknown> = {
    sync: () => {
      const head: Sync = { store: "teststor", sequence: 1, floor: 1, rebuiltAt: clock.now() };
      return JSON.stringify({ ...head, window: [], bots: presence.bots([], clock.now()) });
    },
    pending: (_query, bot) => {
      if (typeof bot === "string") presence.seen(bot, clock.now());
      return { rebuiltAt: clock.now(), text: "{}" };
    },
  };
  const writer = callsBy(async (name, args) => {
    world.calls[name] = (world.calls[name] ?? 0) + 1;
    if (world.isAway) throw new Error("away");
    return answers[name]?.(...args);
  });
  const newIsolate = () =>
    serviceWith({
      clock,
      writer: () => writer,
      shared: {
        get: async (key) => entries.get(key) ?? null,
        put: async (key, text) => {
          entries.set(key, text);
        },
      },
      tokens: { bot: BOT.token, admin: ADMIN.token },
    });
  /** Runs the clock until a request is answered. */
  const answered = async <T>(request: Promise<T>): Promise<T> => {
    await clock.advance(2_000);
    return request;
  };
  return { clock, world, newIsolate, answered };
}

test("a poll with the bot token and an entity makes the bot present, and no other poll does", async () => {
  const { newIsolate, answered } = newDataCentre();
  const isolate = newIsolate();
  const ada = { ...PENDING, entity: "ada" };
  for (const [query, caller] of [
    [PENDING, BOT],
    [ada, {}],
    [ada, ADMIN],
    [ada, { token: "not-the-token-0123456789" }],
    [ada, "the previous release passes only the request's id"],
  ] as const)
    await isolate.pending(query, caller);
  expect(await answered(isolate.bots())).toEqual({ ok: true, value: { bots: [] } });
  await isolate.pending(ada, BOT);
  expect(await answered(newIsolate().bots())).toMatchObject({ value: { bots: [{ name: "ada" }] } });
});

test("a poll with a wrong token is refused, as a bot would otherwise wait for its first message to learn that", async () => {
  const { world, newIsolate } = newDataCentre();
  const isolate = newIsolate();
  const wrong = await isolate.pending(PENDING, { token: "not-the-token-0123456789" });
  expect(wrong).toMatchObject({ ok: false, problem: { status: 401 } });
  expect(world.calls.pending).toBeUndefined();
  for (const caller of [BOT, ADMIN, {}])
    expect(await isolate.pending(PENDING, caller)).toMatchObject({ ok: true });
});

test("while the rebuilder is away, the last known bots are listed for half a minute", async () => {
  const { clock, world, newIsolate, answered } = newDataCentre();
  const isolate = newIsolate();
  await isolate.pending({ ...PENDING, entity: "ada" }, BOT);
  await answered(isolate.bots());
  world.isAway = true;
  expect(await answered(isolate.bots())).toMatchObject({ value: { bots: [{ name: "ada" }] } });
  await clock.advance(PRESENCE_MS);
  expect(await answered(isolate.bots())).toEqual({ ok: true, value: { bots: [] } });
});

test("50 bots and 1,000 tabs in one data centre ask the single writer about once a second for the bots", async () => {
  const { clock, world, newIsolate } = newDataCentre();
  const isolates = Array.from({ length: 20 }, newIsolate);
  const seconds = 30;
  const repeat = (everyMs: number, at: number, ask: () => unknown) => {
    for (let due = at; due < seconds * 1_000; due += everyMs) void clock.sleep(due).then(ask);
  };
  for (let bot = 0; bot < 50; bot += 1) {
    const isolate = isolates[bot % 20] as CommentsService;
    repeat(3_000, bot * 60, () => isolate.pending({ ...PENDING, entity: `bot-${bot}` }, BOT));
  }
  let listed = 0;
  let full = 0;
  for (let tab = 0; tab < 1_000; tab += 1) {
    const isolate = isolates[tab % 20] as CommentsService;
    repeat(5_000, tab * 5, async () => {
      const bots = await isolate.bots();
      listed += 1;
      if (bots.ok && bots.value.bots.length === 50) full += 1;
    });
  }
  await clock.advance(seconds * 1_000 + 5_000);
  expect(listed).toBe(6_000);
  expect(full).toBeGreaterThan(4_500);
  expect(world.calls.pending).toBe(500);
  expect(Object.keys(world.calls).sort()).toEqual(["pending", "sync"]);
  expect(world.calls.sync).toBeGreaterThan(20);
  expect(world.calls.sync).toBeLessThan(1.5 * seconds);
});
