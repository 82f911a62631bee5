/** `GET /api/health`: the faults that a monitor is told. */
import { expect, test } from "vitest";
import { REBUILD_INTERVAL_MS } from "#schema/limits";
import type { Status } from "#schema/status";
import type { KvBinding } from "#worker/ledger/kv";
import { CacheRebuilder } from "#worker/writer/object";
import { PLATFORM } from "#worker/writer/surroundings";
import { openWriter } from "../open-writer";
import { commentAt, env, LEDGER, newWall } from "../wall";

const MINUTE_MS = 60_000;

const REAL = env.LEDGER_KV as unknown as KvBinding;

test("a spare that can't be published for a minute is a fault, until it is published", async () => {
  const wall = newWall();
  await wall.inObject(async (_object, state) => {
    let now = Date.now();
    let isRefusing = false;
    const kv: KvBinding = {
      get: REAL.get.bind(REAL),
      list: REAL.list.bind(REAL),
      put: (...args: Parameters<KvBinding["put"]>) =>
        isRefusing ? Promise.reject(new Error("refused")) : REAL.put(...args),
    } as KvBinding;
    const writer = openWriter(wall, state, { now: () => now, kv });
    const pass = async (ms: number) => {
      for (const end = now + ms; now < end; now += REBUILD_INTERVAL_MS) {
        await writer.sync();
        await writer.tick();
      }
    };
    await pass(MINUTE_MS);
    expect(writer.health()).toEqual({ ok: true });
    isRefusing = true;
    const comment = commentAt(now, 1);
    if (LEDGER === "sqlite") await writer.append(comment);
    else writer.notice(comment);
    await pass(MINUTE_MS / 2);
    expect(writer.health()).toEqual({ ok: true });
    await pass(MINUTE_MS);
    expect(writer.health()).toEqual({ ok: false, reason: "failing" });
    const { spare } = await writer.status();
    expect(spare?.failingSince).toBeLessThan(now - MINUTE_MS);
    isRefusing = false;
    // Rejected publications are repeated ever more rarely.
    await pass(3 * MINUTE_MS);
    expect(writer.health()).toEqual({ ok: true });
    expect((await writer.status()).spare).toMatchObject({ failingSince: null });
  });
});

test("an object tells when its cron last ran", async () => {
  const wall = newWall();
  await wall.inObject(async (_object, state) => {
    const { CLEARABLE: _, ...production } = env;
    const object = new CacheRebuilder(state, production);
    const status = async () => (await object.call({ wall: wall.name }, "status", [])) as Status;
    const before = await status();
    expect(before.cron).toEqual({ at: null, since: expect.any(Number) });
    await object.watch(wall.name);
    expect((await status()).cron?.at).toBeGreaterThanOrEqual(before.cron?.since ?? Infinity);
  });
});

test("a deployed object tells in which data centre it runs", async () => {
  const wall = newWall();
  await wall.inObject(async (_object, state) => {
    const status = async (version: Record<string, string>, dataCentre: () => Promise<string>) => {
      const surroundings = { ...PLATFORM, dataCentre };
      const object = new CacheRebuilder(state, { ...env, ...version }, surroundings);
      const ask = async () => (await object.call({ wall: wall.name }, "status", [])) as Status;
      await ask();
      return ask();
    };
    const deployed = { VERSION: "v-one" };
    expect((await status(deployed, async () => "FRA")).location).toBe("FRA");
    expect(await status({}, async () => "FRA")).not.toHaveProperty("location");
    const failed = await status(deployed, () => Promise.reject(new Error("no network")));
    expect(failed).not.toHaveProperty("location");
  });
});
