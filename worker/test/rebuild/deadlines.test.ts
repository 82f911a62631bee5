/** KV operations that never answer: the wall continues, and the status shows the problem. */
import { expect } from "vitest";
import { CACHE_LATE_MS, IDLE_AFTER_MS, REBUILD_INTERVAL_MS } from "#schema/limits";
import type { KvBinding } from "#worker/ledger/kv";
import { openWriter } from "../open-writer";
import { commentAt, env, newWall, onKv } from "../wall";

const REAL = env.LEDGER_KV as unknown as KvBinding;
const never = () => new Promise<never>(() => {});

/** The real KV; operations selected by `hangs` never answer. */
function hangingKv(hangs: (operation: keyof KvBinding) => boolean): KvBinding {
  const through =
    (operation: keyof KvBinding) =>
    (...args: unknown[]) =>
      hangs(operation)
        ? never()
        : (REAL[operation] as (...args: unknown[]) => Promise<unknown>).apply(REAL, args);
  return { put: through("put"), get: through("get"), list: through("list") } as KvBinding;
}

onKv.each(["list", "get", "put"] as const)(
  "a KV %s that never answers fails one rebuild, and the next one runs",
  async (operation) => {
    const wall = newWall();
    await wall.inObject(async (_object, state) => {
      let now = Date.now();
      let isHanging = false;
      const kv = hangingKv((asked) => isHanging && asked === operation);
      // Every deadline expires at once.
      const patience = async () => {
        if (!isHanging) await never();
      };
      const rebuilder = openWriter(wall, state, { now: () => now, kv, patience });
      await rebuilder.sync();
      await wall.store({ timestamp: now, suffix: "0000000001" });
      isHanging = true;
      now += REBUILD_INTERVAL_MS;
      await rebuilder.tick();
      isHanging = false;
      const { rebuilds } = await rebuilder.status();
      now += REBUILD_INTERVAL_MS;
      await rebuilder.tick();
      const after = await rebuilder.status();
      expect(after.rebuilds.count).toBe(rebuilds.count + 1);
      expect(after.ok).toBe(true);
      expect((await rebuilder.sync()).window).toHaveLength(1);
    });
  },
);

onKv(
  "an active wall whose last rebuild is late is not ok, whether or not a rebuild failed",
  async () => {
    const wall = newWall();
    await wall.inObject(async (_object, state) => {
      let now = Date.now();
      let isHanging = false;
      const kv = hangingKv((operation) => isHanging && operation === "list");
      const rebuilder = openWriter(wall, state, { now: () => now, kv, patience: never });
      await rebuilder.sync();
      expect((await rebuilder.status()).ok).toBe(true);
      isHanging = true;
      void rebuilder.tick();
      for (let waited = 0; waited <= CACHE_LATE_MS; waited += REBUILD_INTERVAL_MS) {
        now += REBUILD_INTERVAL_MS;
        await rebuilder.sync();
      }
      expect(await rebuilder.status()).toMatchObject({ ok: false, rebuilds: { failed: 0 } });
      expect(rebuilder.health()).toEqual({ ok: false, reason: "late" });
    });
  },
);

onKv("an idle wall and a newly woken one are ok, however old their cache", async () => {
  const wall = newWall();
  await wall.inObject(async (_object, state) => {
    let now = Date.now();
    let isHanging = false;
    const kv = hangingKv((operation) => isHanging && operation === "list");
    const open = () => openWriter(wall, state, { now: () => now, kv, patience: never });
    const rebuilder = open();
    rebuilder.notice(commentAt(now, 1));
    await rebuilder.sync();
    for (let quiet = 0; quiet < 2 * IDLE_AFTER_MS; quiet += REBUILD_INTERVAL_MS) {
      now += REBUILD_INTERVAL_MS;
      if (!rebuilder.isAtRest) await rebuilder.tick();
    }
    await rebuilder.tick();
    now += IDLE_AFTER_MS - 1_000;
    expect(await rebuilder.status()).toMatchObject({ ok: true, ageMs: IDLE_AFTER_MS - 1_000 });
    // After an eviction, the wall doesn't know when it was last used.
    const next = open();
    expect(await next.status()).toMatchObject({ ok: true });
    isHanging = true;
    await next.sync();
    expect((await next.status()).ok).toBe(true);
    now += CACHE_LATE_MS + 1;
    expect((await next.status()).ok).toBe(false);
  });
});
