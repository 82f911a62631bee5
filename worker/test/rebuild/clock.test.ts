/**
 * The machine's clock is an hour ahead and is then corrected, within one incarnation or between
 * two.
 */
import { expect, test } from "vitest";
import { CACHE_LATE_MS, REBUILD_INTERVAL_MS } from "#schema/limits";
import type { KvBinding } from "#worker/ledger/kv";
import type { Alarm } from "#worker/writer/beat";
import { LATE_PUT_MS } from "#worker/writer/keys/late-put";
import { eventually } from "../eventually";
import { openWriter } from "../open-writer";
import { commentAt, env, LEDGER, newWall, onKv, type Wall } from "../wall";

const HOUR_MS = 60 * 60_000;
const MINUTE_MS = 60_000;

type Opened = ReturnType<typeof openWriter>;

/** Runs one step while the clock is an hour ahead, and another after the correction. */
async function aroundTheStep(
  wall: Wall,
  isEvicted: boolean,
  work: {
    ahead: (rebuilder: Opened, pass: (ms: number) => void) => Promise<void>;
    right: (
      rebuilder: Opened,
      pass: (ms: number) => void,
      world: { due: () => number | null; now: () => number; puts: string[] },
    ) => Promise<void>;
  },
) {
  await wall.inObject(async (_object, state) => {
    let now = Date.now() + HOUR_MS;
    let due: number | null = null;
    const alarm: Alarm = {
      get: async () => due,
      set: async (time) => {
        due = time;
      },
    };
    const real = env.LEDGER_KV as unknown as KvBinding;
    const puts: string[] = [];
    const put = (key: string, value: string) => {
      puts.push(key);
      return real.put(key, value);
    };
    const kv = { put, get: real.get.bind(real), list: real.list.bind(real) } as KvBinding;
    const open = () => openWriter(wall, state, { now: () => now, alarm, kv });
    const pass = (ms: number) => {
      now += ms;
    };
    const first = open();
    await work.ahead(first, pass);
    now -= HOUR_MS;
    puts.length = 0;
    const world = { due: () => due, now: () => now, puts };
    await work.right(isEvicted ? open() : first, pass, world);
  });
}

const spareOf = (keys: readonly string[]) => keys.filter((key) => key.endsWith("recent:comments"));

onKv.each([
  ["the same incarnation", false],
  ["the next incarnation", true],
])("%s rebuilds an active wall with every minute's cron run", async (_name, isEvicted) => {
  await aroundTheStep(newWall(), isEvicted, {
    ahead: async (rebuilder) => {
      rebuilder.notice(commentAt(Date.now(), 1));
      await rebuilder.sync();
      await rebuilder.tick();
      rebuilder.notice(commentAt(Date.now(), 2));
      await rebuilder.sync();
    },
    right: async (rebuilder, pass, { due, now }) => {
      const before = (await rebuilder.status()).rebuilds.count;
      await rebuilder.sync();
      for (let minute = 0; minute < 10; minute += 1) {
        pass(MINUTE_MS);
        await rebuilder.sync();
        await rebuilder.watch();
        expect(due()).toBeLessThanOrEqual(now() + REBUILD_INTERVAL_MS);
      }
      const { rebuilds, ageMs, ok } = await rebuilder.status();
      expect(rebuilds.count - before).toBeGreaterThanOrEqual(10);
      expect(ageMs).toBeLessThanOrEqual(CACHE_LATE_MS);
      expect(ok).toBe(true);
    },
  });
});

async function say(rebuilder: Opened, n: number) {
  if (LEDGER === "sqlite") await rebuilder.append(commentAt(Date.now(), n));
  else rebuilder.notice(commentAt(Date.now(), n));
  await rebuilder.sync();
}

test("changes are published within the usual time", async () => {
  await aroundTheStep(newWall(), false, {
    ahead: async (rebuilder) => {
      await say(rebuilder, 1);
      await rebuilder.tick();
    },
    right: async (rebuilder, pass, { due, now, puts }) => {
      await say(rebuilder, 2);
      if (LEDGER === "sqlite") expect(due()).toBeLessThanOrEqual(now() + CACHE_LATE_MS);
      pass(REBUILD_INTERVAL_MS);
      await rebuilder.tick();
      expect(spareOf(puts)).toHaveLength(1);
    },
  });
});

test("an unpublished change whose alarm is set an hour ahead is published by the cron", async () => {
  await aroundTheStep(newWall(), true, {
    ahead: async (rebuilder) => {
      await say(rebuilder, 1);
      await say(rebuilder, 2);
    },
    right: async (rebuilder, pass, { puts }) => {
      pass(LATE_PUT_MS);
      await rebuilder.watch();
      expect(spareOf(puts)).toHaveLength(1);
    },
  });
});

onKv("a flag set while the clock was ahead reaches its key", async () => {
  const wall = newWall();
  const { id } = await wall.store({ timestamp: Date.now() - 1_000, suffix: "0000000001" });
  await aroundTheStep(wall, false, {
    ahead: async (rebuilder) => {
      await rebuilder.sync();
      await rebuilder.patch(id, true);
    },
    right: async (rebuilder, pass) => {
      pass(2 * REBUILD_INTERVAL_MS);
      await rebuilder.tick();
      await eventually(async () => {
        expect(await wall.stored(id)).toMatchObject({ botParams: { processed: true } });
      });
    },
  });
});

onKv(
  "the tombstone of a removal made while the clock was ahead is written a few times, not at every beat",
  async () => {
    const wall = newWall();
    const { id } = await wall.store({ timestamp: Date.now() - 1_000, suffix: "0000000001" });
    await aroundTheStep(wall, false, {
      ahead: async (rebuilder) => {
        await rebuilder.sync();
        await rebuilder.remove(id);
      },
      right: async (rebuilder, pass, { puts }) => {
        for (let beat = 0; beat < 2 * (LATE_PUT_MS / REBUILD_INTERVAL_MS); beat += 1) {
          pass(REBUILD_INTERVAL_MS);
          await rebuilder.tick();
          await new Promise((resolve) => setTimeout(resolve, 1));
        }
        const tombstones = puts.filter((key) => key.endsWith(id));
        expect(tombstones.length).toBeGreaterThan(0);
        expect(tombstones.length).toBeLessThanOrEqual(4);
      },
    });
  },
);
