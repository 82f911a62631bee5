/** An unused wall: the operations of an idle hour, and how the wall wakes. */
import { expect, test } from "vitest";
import { IDLE_AFTER_MS, REBUILD_INTERVAL_MS } from "#schema/limits";
import { Operations } from "#worker/platform/operations";
import type { Alarm } from "#worker/writer/beat";
import { openWriter } from "../open-writer";
import { commentAt, LEDGER, newWall, onKv, type Wall } from "../wall";

const MINUTE_MS = 60_000;

/** A rebuilder whose time, alarm and cron the test controls. Returns the number of alarm runs. */
async function withBeat(
  wall: Wall,
  work: (beat: {
    rebuilder: () => ReturnType<typeof openWriter>;
    operations: Operations;
    /** Ends the object; the next request starts a new one. */
    evict: () => void;
    alarm: () => number | null;
    pass: (ms: number) => Promise<void>;
  }) => Promise<void>,
): Promise<number> {
  let runs = 0;
  await wall.inObject(async (_object, state) => {
    let now = Date.now();
    let due: number | null = null;
    const operations = new Operations();
    const alarm: Alarm = {
      get: async () => due,
      set: async (time) => {
        due = time;
      },
    };
    const open = () => openWriter(wall, state, { now: () => now, operations, alarm });
    let rebuilder: ReturnType<typeof open> | null = null;
    const current = () => {
      rebuilder ??= open();
      return rebuilder;
    };
    const pass = async (ms: number) => {
      const end = now + ms;
      while (now < end) {
        const cron = now - (now % MINUTE_MS) + MINUTE_MS;
        now = Math.min(end, cron, due ?? end);
        if (due !== null && due <= now) {
          due = null;
          runs += 1;
          await current().tick();
        }
        if (now === cron) await current().watch();
      }
    };
    await work({
      rebuilder: current,
      operations,
      evict: () => {
        rebuilder = null;
      },
      alarm: () => due,
      pass,
    });
  });
  return runs;
}

function spent(operations: Operations, before: Record<string, number>) {
  const kinds = [
    "kv_list",
    "kv_list_sweep",
    "kv_read_call",
    "kv_write",
    "row_written",
    "alarm_set",
  ];
  const now = operations.toObject();
  return Object.fromEntries(kinds.map((kind) => [kind, (now[kind] ?? 0) - (before[kind] ?? 0)]));
}

const say = (comment: ReturnType<typeof commentAt>) =>
  LEDGER === "sqlite"
    ? (rebuilder: ReturnType<typeof openWriter>) => rebuilder.append(comment)
    : async (rebuilder: ReturnType<typeof openWriter>) => rebuilder.notice(comment);

test.each([
  ["in memory", 1, false],
  ["evicted every quiet minute", 1, true],
  ["never used", 0, false],
  ["never used, evicted every quiet minute", 0, true],
])(
  "an hour of an idle wall, %s, writes nothing and sets no alarm",
  async (_name, size, isEvicted) => {
    const wall = newWall();
    const runs = await withBeat(wall, async ({ rebuilder, operations, evict, alarm, pass }) => {
      await rebuilder().sync();
      if (size > 0) await say(commentAt(Date.now(), 1))(rebuilder());
      await rebuilder().sync();
      await pass(IDLE_AFTER_MS + 5 * MINUTE_MS);
      expect(alarm()).toBeNull();
      const before = operations.toObject();
      for (let minute = 0; minute < 60; minute += 1) {
        if (isEvicted) evict();
        await pass(MINUTE_MS);
        // A monitor asks each minute.
        expect(rebuilder().health()).toEqual({ ok: true });
      }
      const hour = spent(operations, before);
      console.log(`an idle hour on ${LEDGER}: ${JSON.stringify(hour)}`);
      expect(hour).toMatchObject({ kv_write: 0, alarm_set: 0, kv_read_call: 0, kv_list_sweep: 0 });
      expect(hour.kv_list).toBe(LEDGER === "kv" ? 60 : 0);
      expect(await rebuilder().status()).toMatchObject({ ok: true, window: { size } });
      expect(alarm()).toBeNull();
    });
    // On `sqlite`, a wall without changes has nothing to do.
    expect(runs > 0).toBe(LEDGER === "kv" || size > 0);
  },
);

onKv("the first poll, post or mark starts the beat again for a minute", async () => {
  const wall = newWall();
  const comment = await wall.store({ timestamp: Date.now() - 1_000, suffix: "0000000001" });
  const runs = await withBeat(wall, async ({ rebuilder, operations, alarm, pass }) => {
    await rebuilder().sync();
    const deeds = [
      () => rebuilder().sync(),
      async () => rebuilder().notice(commentAt(Date.now(), 2)),
      () => rebuilder().patch(comment.id, true),
      () => rebuilder().pending({ pending: true, limit: 1 }),
    ];
    for (const deed of deeds) {
      await pass(IDLE_AFTER_MS + 5 * MINUTE_MS);
      expect(alarm()).toBeNull();
      const lists = operations.of("kv_list");
      await deed();
      await pass(REBUILD_INTERVAL_MS / 2);
      expect(operations.of("kv_list")).toBe(lists + 1);
      expect(alarm()).not.toBeNull();
      await pass(IDLE_AFTER_MS / 2);
      expect(alarm()).not.toBeNull();
    }
  });
  expect(runs).toBeGreaterThan(0);
});

onKv("changes found by the cron on an idle wall start the beat again", async () => {
  const wall = newWall();
  const runs = await withBeat(wall, async ({ rebuilder, alarm, pass }) => {
    await rebuilder().sync();
    await pass(IDLE_AFTER_MS + 5 * MINUTE_MS);
    expect(alarm()).toBeNull();
    const comment = await wall.store({ timestamp: Date.now(), suffix: "0000000001" });
    await pass(MINUTE_MS);
    expect(alarm()).not.toBeNull();
    expect((await rebuilder().sync()).window?.map(({ id }) => id)).toEqual([comment.id]);
  });
  expect(runs).toBeGreaterThan(0);
});
