import { expect, test } from "vitest";
import type { Comment } from "#schema/comment";
import { makeId } from "#schema/id";
import { ACTIVITY_SLOT_MS as SLOT_MS, ACTIVITY_SLOTS as SLOTS } from "#schema/limits";
import { dayOf, slotsOf, timeAt } from "./slots";

const NOW = 1_790_000_000_000;
const { from } = dayOf(NOW);
const LAST = SLOTS - 1;

/** The `n`th message of a slot. */
function said(slot: number, color: string, n = 0): Comment {
  const timestamp = from + slot * SLOT_MS + n;
  const id = makeId(timestamp, "0000000000");
  return { id, timestamp, text: "x", username: color, color, type: "human", botParams: {} };
}

const RED = "#ff0000";
const BLUE = "#0000ff";
const counted = (counts: Record<number, number>) => ({
  from,
  slotMs: SLOT_MS,
  counts: Array.from({ length: SLOTS }, (_, slot) => counts[slot] ?? 0),
});

function slots(comments: Comment[], more: Partial<Parameters<typeof slotsOf>[0]> = {}) {
  const all = slotsOf({
    comments,
    shown: comments,
    holes: new Set(),
    activity: null,
    now: NOW,
    ...more,
  });
  return Object.fromEntries(all.map((slot, n) => [n, slot]).filter(([, slot]) => slot));
}

test("the day is 24 hours that end with the current ten minutes", () => {
  expect(from % SLOT_MS).toBe(0);
  expect(from + SLOTS * SLOT_MS).toBeGreaterThan(NOW);
  expect(from + LAST * SLOT_MS).toBeLessThanOrEqual(NOW);
});

test("loaded messages stand in their slots by colour, the day's most frequent colour first", () => {
  const newest = [said(LAST, RED), said(LAST, BLUE, 1), said(LAST, BLUE, 2)];
  const comments = [said(3, RED), said(3, RED, 1), ...newest];
  expect(slots([said(-1, RED), ...comments])).toEqual({
    3: { total: 2, parts: [{ color: RED, count: 2 }] },
    [LAST]: {
      total: 3,
      parts: [
        { color: RED, count: 1 },
        { color: BLUE, count: 2 },
      ],
    },
  });
});

test("messages that the page doesn't hold are counted without a colour", () => {
  const oldest = said(9, RED, 500);
  const activity = counted({ 2: 7, 9: 4, 10: 99 });
  const comments = [oldest, said(10, RED)];
  expect(slots(comments, { holes: new Set([oldest.id]), activity })).toEqual({
    2: { total: 7, parts: [] },
    9: { total: 4, parts: [{ color: RED, count: 1 }] },
    // Loaded as a whole: the others were removed.
    10: { total: 1, parts: [{ color: RED, count: 1 }] },
  });
});

test("under a filter the other loaded messages have no colour", () => {
  const comments = [said(5, RED), said(5, BLUE, 1)];
  expect(slots(comments, { shown: comments.slice(0, 1) })).toEqual({
    5: { total: 2, parts: [{ color: RED, count: 1 }] },
  });
});

test("counts of a day that has moved on since they were read stand in their own slots", () => {
  const activity = counted({ 5: 7 });
  const all = slotsOf({
    comments: [],
    shown: [],
    holes: new Set(["any"]),
    activity,
    now: NOW + 2 * SLOT_MS,
  });
  expect(all.findIndex(Boolean)).toBe(3);
});

test("a place on the ribbon is a time of the day", () => {
  expect(timeAt(0, NOW)).toBe(from);
  expect(timeAt(0.5, NOW)).toBe(from + (SLOTS / 2) * SLOT_MS);
  expect(timeAt(-1, NOW)).toBe(from);
  expect(timeAt(2, NOW)).toBe(NOW);
  expect(timeAt((SLOTS - 0.9) / SLOTS, NOW)).toBe(NOW);
  expect(timeAt((SLOTS - 1.1) / SLOTS, NOW)).toBeLessThan(from + LAST * SLOT_MS);
});
