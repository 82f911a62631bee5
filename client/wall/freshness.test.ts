import { describe, expect, test } from "vitest";
import { describeFreshness, Freshness } from "./freshness";

const REBUILT_AT = 1_763_900_000_000;

describe("age of the newest rebuild", () => {
  test("is its age at the answer plus our time since", () => {
    const freshness = new Freshness(500);
    freshness.note(REBUILT_AT, REBUILT_AT + 2_000, 1_000);
    expect(freshness.ageMs(1_000)).toBe(2_000);
    expect(freshness.ageMs(4_000)).toBe(5_000);
  });

  test.each([-86_400_000, 0, 86_400_000])(
    "does not depend on the reader's clock (%i ms off)",
    (skew) => {
      const freshness = new Freshness(skew);
      freshness.note(REBUILT_AT, REBUILT_AT + 1_000, REBUILT_AT + skew);
      expect(freshness.ageMs(REBUILT_AT + skew + 500)).toBe(1_500);
    },
  );

  test("is never negative, whichever clock is ahead", () => {
    const freshness = new Freshness(0);
    freshness.note(REBUILT_AT, REBUILT_AT - 700, 1_000);
    expect(freshness.ageMs(1_000)).toBe(0);
    expect(freshness.ageMs(200)).toBe(0);
  });

  test("counts from the rebuild's first appearance when the answer has no Date", () => {
    const freshness = new Freshness(0);
    freshness.note(REBUILT_AT, null, 1_000);
    freshness.note(REBUILT_AT, null, 6_000);
    expect(freshness.ageMs(7_000)).toBe(6_000);
    freshness.note(REBUILT_AT + 3_000, null, 8_000);
    expect(freshness.ageMs(8_000)).toBe(0);
  });

  test("does not shrink after an answer from a server that is behind", () => {
    const freshness = new Freshness(0);
    freshness.note(REBUILT_AT, REBUILT_AT, 1_000);
    freshness.note(REBUILT_AT - 3_000, REBUILT_AT - 3_000, 2_000);
    expect(freshness.ageMs(5_000)).toBe(4_000);
  });

  test("starts again when the live channel vouches, and the vouching ends by itself", () => {
    const freshness = new Freshness(0);
    freshness.note(REBUILT_AT, null, 1_000);
    expect(freshness.isVouched(1_000)).toBe(false);
    freshness.vouch(60_000);
    expect(freshness.ageMs(61_000)).toBe(1_000);
    expect(freshness.isVouched(61_000)).toBe(true);
    expect(freshness.isVouched(70_000)).toBe(false);
    // The clock was set back.
    expect(freshness.isVouched(59_000)).toBe(false);
  });

  test("is the waiting time before the first answer", () => {
    expect(new Freshness(1_000).ageMs(4_000)).toBe(3_000);
  });
});

describe("a page that has only just begun to ask", () => {
  test("stops being one after ten seconds of answers", () => {
    const freshness = new Freshness(0);
    freshness.note(REBUILT_AT, REBUILT_AT + 90_000, 2_000);
    expect(freshness.isArriving(2_000)).toBe(true);
    freshness.note(REBUILT_AT, REBUILT_AT + 95_000, 7_000);
    expect(freshness.isArriving(12_000)).toBe(true);
    expect(freshness.isArriving(12_001)).toBe(false);
  });

  test("is one again after a minute without answers: the wall may have gone idle", () => {
    const freshness = new Freshness(0);
    freshness.note(REBUILT_AT, null, 1_000);
    freshness.note(REBUILT_AT, null, 61_000);
    expect(freshness.isArriving(62_000)).toBe(true);
  });
});

const WELL = {
  ageMs: 2_400,
  loaded: true,
  failing: false,
  online: true,
  live: false,
  arriving: false,
};

test.each([
  [{}, "live · 2 s ago", "calm"],
  [{ ageMs: 999 }, "live · now", "calm"],
  [{ ageMs: 10_000 }, "live · 10 s ago", "calm"],
  [{ ageMs: 10_001 }, "last update 10 s ago", "alarming"],
  [{ ageMs: 150_000 }, "last update 2 min ago", "alarming"],
  [{ ageMs: 7_300_000 }, "last update 2 h ago", "alarming"],
  [{ ageMs: 150_000, arriving: true }, "connecting…", "waiting"],
  [{ ageMs: 150_000, arriving: true, failing: true }, "reconnecting…", "alarming"],
  [{ arriving: true }, "live · 2 s ago", "calm"],
  [{ live: true }, "live", "calm"],
  [{ live: true, ageMs: 60_000 }, "live", "calm"],
  [{ live: true, online: false }, "offline", "waiting"],
  [{ failing: true }, "reconnecting…", "waiting"],
  [{ failing: true, ageMs: 10_001 }, "reconnecting…", "alarming"],
  [{ failing: true, loaded: false }, "reconnecting…", "waiting"],
  [{ loaded: false }, "connecting…", "waiting"],
  [{ online: false, failing: true }, "offline", "waiting"],
  [{ online: false, ageMs: 60_000 }, "offline", "alarming"],
] as const)("%o shows “%s” (%s)", (differing, text, tone) => {
  expect(describeFreshness({ ...WELL, ...differing })).toEqual({ text, tone });
});
