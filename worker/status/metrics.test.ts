import { expect, test } from "vitest";
import { ACTIVITY_SLOT_MS, SAMPLE_MS, SAMPLES_KEPT } from "#schema/limits";
import type { Activity, Sample } from "#schema/status";
import { Operations } from "../platform/operations";
import { Metrics, type SampleStore } from "./metrics";

const NOON = 1_790_000_000_000 - (1_790_000_000_000 % SAMPLE_MS);

/** A store that counts a row for each write, as the real one bills, and survives its users. */
function newStore() {
  const store = { body: "[]", day: "null", writes: 0, dayWrites: 0, refuses: false };
  const open = (operations: Operations): SampleStore => ({
    read: () => JSON.parse(store.body) as Sample[],
    write: (samples) => {
      if (store.refuses) throw new Error("the store refuses");
      store.body = JSON.stringify(samples);
      store.writes += 1;
      operations.count("row_written");
    },
    readActivity: () => JSON.parse(store.day) as Activity | null,
    writeActivity: (activity) => {
      store.day = JSON.stringify(activity);
      store.dayWrites += 1;
      operations.count("row_written");
    },
  });
  return { store, open };
}

function start(kept = newStore(), from = NOON) {
  const clock = { time: from };
  const operations = new Operations();
  const metrics = new Metrics({
    clock: { now: () => clock.time, sleep: async () => {} },
    operations,
    store: kept.open(operations),
  });
  /** The work of an alarm every 3 s on a wall without changes. */
  const beat = (ms: number) => {
    for (const end = clock.time + ms; clock.time < end; ) {
      clock.time += 3_000;
      metrics.advance();
      metrics.keep();
      operations.count("alarm_set");
      operations.count("kv_list");
      metrics.rebuilt(20, 3_000);
    }
  };
  return { clock, operations, metrics, beat, store: kept.store };
}

test("each minute's sample contains exactly the operations of that minute", () => {
  const { clock, operations, metrics } = start();
  operations.count("kv_list", 20);
  for (const ms of [10, 30, 20]) metrics.rebuilt(ms, 3_000 + ms);
  metrics.failed(9_000);
  expect(metrics.history()).toEqual([]);
  clock.time += SAMPLE_MS;
  metrics.advance();
  operations.count("kv_list", 5);
  operations.count("message", 7);
  clock.time += SAMPLE_MS;
  expect(metrics.history()).toEqual([
    {
      at: NOON,
      ms: SAMPLE_MS,
      ageMaxMs: 9_000,
      rebuilds: { count: 3, failed: 1, p50Ms: 20, maxMs: 30 },
      operations: { kv_list: 20 },
    },
    {
      at: NOON + SAMPLE_MS,
      ms: SAMPLE_MS,
      ageMaxMs: null,
      rebuilds: { count: 0, failed: 0, p50Ms: null, maxMs: null },
      operations: { kv_list: 5, message: 7 },
    },
  ]);
});

test("operations after minutes without any are counted in their own minute", () => {
  const { clock, operations, metrics } = start();
  operations.count("sync");
  clock.time += 5 * SAMPLE_MS;
  metrics.advance();
  operations.count("sync", 3);
  clock.time += SAMPLE_MS;
  const counts = metrics.history().map((sample) => sample.operations.sync ?? 0);
  expect(counts).toEqual([1, 0, 0, 0, 0, 3]);
});

test("the first sample after a start shows how much of its minute was counted", () => {
  const { clock, metrics } = start(newStore(), NOON + 45_000);
  clock.time = NOON + SAMPLE_MS;
  expect(metrics.history()).toMatchObject([{ at: NOON, ms: 15_000 }]);
});

test("an hour of samples is kept, also after days without any", () => {
  const { beat, clock, metrics } = start();
  beat(2 * SAMPLES_KEPT * SAMPLE_MS);
  expect(metrics.history()).toHaveLength(SAMPLES_KEPT);
  expect(metrics.history()[0]?.at).toBe(NOON + SAMPLES_KEPT * SAMPLE_MS);
  clock.time += 3 * 24 * SAMPLES_KEPT * SAMPLE_MS;
  expect(metrics.history()).toHaveLength(SAMPLES_KEPT);
  expect(metrics.history().every(({ rebuilds }) => rebuilds.count === 0)).toBe(true);
});

test("an idle wall writes nothing; an active one writes a row a minute", () => {
  const { beat, operations, store } = start();
  beat(10 * SAMPLE_MS);
  expect(store.writes).toBe(0);
  for (let minute = 1; minute <= 5; minute += 1) {
    operations.count("row_written", 4);
    beat(SAMPLE_MS);
    expect(store.writes).toBe(minute);
  }
  // The rows written for samples must not cause further samples.
  beat(10 * SAMPLE_MS);
  expect(store.writes).toBe(5);
});

test("samples record failed rebuilds and a late cache", () => {
  const { clock, metrics, store } = start();
  metrics.failed(3_000);
  clock.time += SAMPLE_MS;
  metrics.keep();
  expect(store.writes).toBe(1);
  metrics.rebuilt(20, 45_000);
  clock.time += SAMPLE_MS;
  metrics.keep();
  expect(store.writes).toBe(2);
});

test("the day's messages are counted, with at most one more row every ten minutes", () => {
  const { beat, metrics, operations, store } = start();
  for (let minute = 0; minute < 30; minute += 1) {
    operations.count("message", 100);
    operations.count("row_written", 200);
    beat(SAMPLE_MS);
  }
  beat(60 * SAMPLE_MS);
  const sum = metrics.activity().counts.reduce((all, count) => all + count, 0);
  expect(sum).toBe(3_000);
  expect(store.dayWrites).toBeLessThanOrEqual(4);
  expect(store.dayWrites).toBeGreaterThan(0);
});

test("a restart forgets no counted minute of the day", () => {
  const kept = newStore();
  const { beat, clock, operations } = start(kept);
  const post = () => {
    operations.count("message", 10);
    operations.count("row_written", 20);
    beat(SAMPLE_MS);
  };
  for (let minute = 0; minute < 95; minute += 1) post();
  beat(6_000);
  const after = start(kept, clock.time + 5 * 60 * SAMPLE_MS);
  const { counts, from } = after.metrics.activity();
  expect(counts.reduce((all, count) => all + count, 0)).toBe(950);
  expect(counts[Math.floor((NOON - from) / ACTIVITY_SLOT_MS) + 1]).toBe(100);
});

test("reading writes nothing, however many operations there were", () => {
  const { clock, metrics, operations, store } = start();
  operations.count("row_written", 4);
  clock.time += 3 * SAMPLE_MS;
  expect(metrics.history()).toHaveLength(3);
  expect(store.writes).toBe(0);
});

test("a failed write is retried", () => {
  const { clock, metrics, operations, store } = start();
  operations.count("row_written");
  clock.time += SAMPLE_MS;
  store.refuses = true;
  expect(() => metrics.keep()).toThrow("refuses");
  store.refuses = false;
  metrics.keep();
  expect(store.writes).toBe(1);
});

test("after a restart, earlier minutes are kept, even if the clock is behind", () => {
  const kept = newStore();
  const before = start(kept);
  before.operations.count("row_written", 4);
  before.beat(3 * SAMPLE_MS);
  expect(kept.store.writes).toBeGreaterThan(0);
  const minutes = before.metrics.history().map(({ at }) => at);

  const after = start(kept, NOON + 3 * SAMPLE_MS - 2_000);
  const restored = after.metrics.history().map(({ at }) => at);
  expect(restored.length).toBeGreaterThan(0);
  expect(minutes).toEqual(expect.arrayContaining(restored));
  after.beat(2 * SAMPLE_MS);
  const all = after.metrics.history().map(({ at }) => at);
  expect(all).toEqual([...new Set(all)].sort((a, b) => a - b));
  expect(all.at(-1)).toBe(NOON + 3 * SAMPLE_MS);
});

test.each([false, true])(
  "a clock that was an hour ahead leaves no future minutes, and later minutes are reported (restarted: %j)",
  (isRestarted) => {
    const kept = newStore();
    const ahead = start(kept, NOON + SAMPLES_KEPT * SAMPLE_MS);
    ahead.metrics.failed(9_000);
    ahead.beat(5 * SAMPLE_MS);
    const { clock, metrics, beat } = isRestarted ? start(kept, NOON) : ahead;
    clock.time = NOON;
    beat(3 * SAMPLE_MS);
    const minutes = metrics.history().map(({ at }) => at);
    expect(minutes).toEqual([0, 1, 2].map((minute) => NOON + minute * SAMPLE_MS));
  },
);
