import { expect, test } from "vitest";
import { ACTIVITY_SLOT_MS, ACTIVITY_SLOTS, SAMPLE_MS } from "#schema/limits";
import type { Sample } from "#schema/status";
import { Activity } from "./activity";

const NOON = 1_790_000_000_000 - (1_790_000_000_000 % ACTIVITY_SLOT_MS);

function minute(at: number, message?: number): Sample {
  return {
    at,
    ms: SAMPLE_MS,
    ageMaxMs: null,
    rebuilds: { count: 0, failed: 0, p50Ms: null, maxMs: null },
    operations: message === undefined ? {} : { message },
  };
}

const counts = (activity: Activity, now: number) =>
  activity
    .of(now)
    .counts.map((count, slot) => [slot, count])
    .filter(([, count]) => count);

test("counts a day's messages in slots of ten minutes", () => {
  const activity = new Activity(null);
  activity.take([minute(NOON - SAMPLE_MS, 3), minute(NOON, 2), minute(NOON + 3 * SAMPLE_MS, 5)]);
  activity.take([minute(NOON + 4 * SAMPLE_MS)]);
  const { from, slotMs, counts: all } = activity.of(NOON + 5 * SAMPLE_MS);
  expect(all).toHaveLength(ACTIVITY_SLOTS);
  expect(from + ACTIVITY_SLOTS * slotMs).toBe(NOON + ACTIVITY_SLOT_MS);
  expect(all.slice(-2)).toEqual([3, 7]);
});

test("a minute that is taken again, as after a restart, counts once", () => {
  const activity = new Activity(null);
  const samples = [minute(NOON, 2), minute(NOON + SAMPLE_MS, 4)];
  activity.take(samples);
  activity.take(samples);
  expect(counts(activity, NOON)).toEqual([[ACTIVITY_SLOTS - 1, 6]]);
});

test("slots whose samples are gone keep their counts, until a day has passed", () => {
  const before = new Activity(null);
  before.take([minute(NOON, 2)]);
  const activity = new Activity(before.of(NOON));
  const later = NOON + (ACTIVITY_SLOTS - 1) * ACTIVITY_SLOT_MS;
  activity.take([minute(later, 1)]);
  expect(counts(activity, later)).toEqual([
    [0, 2],
    [ACTIVITY_SLOTS - 1, 1],
  ]);
  expect(counts(activity, later + ACTIVITY_SLOT_MS)).toEqual([[ACTIVITY_SLOTS - 2, 1]]);
});

test("slots of a clock that was ahead are not shown", () => {
  const activity = new Activity(null);
  activity.take([minute(NOON + 3 * ACTIVITY_SLOT_MS, 9)]);
  expect(counts(activity, NOON)).toEqual([]);
});
