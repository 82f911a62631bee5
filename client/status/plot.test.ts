import { expect, test } from "vitest";
import { SAMPLE_MS, SAMPLES_KEPT } from "#schema/limits";
import type { Sample } from "#schema/status";
import { usedUpAt } from "./figures";
import { endOf, newestOf, slotsOf, topOf } from "./plot";

const NOON = 1_790_000_040_000;

function sample(at: number, messages: number): Sample {
  const rebuilds = { count: 0, failed: 0, p50Ms: null, maxMs: null };
  return { at, ms: SAMPLE_MS, ageMaxMs: null, rebuilds, operations: { message: messages } };
}

const messages = ({ operations }: Sample) => operations.message ?? 0;

test("an hour of slots ends with the last complete minute; a minute without data is not zero", () => {
  const history = [
    sample(NOON - SAMPLES_KEPT * SAMPLE_MS, 1),
    sample(NOON - 3 * SAMPLE_MS, 0),
    sample(NOON - SAMPLE_MS, 7),
  ];
  const slots = slotsOf(history, NOON, messages);
  expect(slots).toHaveLength(SAMPLES_KEPT);
  expect(slots[0]).toEqual({ at: NOON - SAMPLES_KEPT * SAMPLE_MS, value: 1 });
  expect(slots.slice(-3).map(({ value }) => value)).toEqual([0, null, 7]);
  const later = slotsOf(history, NOON + SAMPLE_MS, messages);
  expect(later.slice(-3).map(({ value }) => value)).toEqual([null, 7, null]);
  expect(later[0]?.value).toBeNull();
  expect(newestOf(later)).toBe(7);
});

test("the plots move on when a minute's sample arrives, or when it is overdue", () => {
  const history = [sample(NOON - SAMPLE_MS, 1)];
  expect(endOf(history, NOON + 1)).toBe(NOON);
  expect(endOf(history, NOON + SAMPLE_MS + 10_000)).toBe(NOON);
  expect(endOf([...history, sample(NOON, 1)], NOON + SAMPLE_MS + 10_000)).toBe(NOON + SAMPLE_MS);
  expect(endOf(history, NOON + SAMPLE_MS + 15_000)).toBe(NOON + SAMPLE_MS);
});

test.each([
  // Half of the top, which labels the middle line, must be a whole number too.
  [0, 2],
  [1, 2],
  [3, 4],
  [11_000, 12_000],
  [13, 20],
  [61, 80],
  [999, 1_000],
  [1_300, 2_000],
])("a scale for %i ends at %i", (most, top) => {
  expect(topOf(most)).toBe(top);
});

test("an allowance that lasts half a day runs out at noon", () => {
  expect(usedUpAt(2)).toBe("12:00 UTC");
  expect(usedUpAt(28.8)).toBe("00:50 UTC");
});
