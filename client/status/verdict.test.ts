import { expect, test } from "vitest";
import { CACHE_LATE_MS, SAMPLE_MS } from "#schema/limits";
import type { Sample, Status } from "#schema/status";
import { type Glance, heard, NO_GLANCE, unheard } from "./glance";
import { verdictOf } from "./verdict";

const NOON = 1_790_000_040_000;

function sample(at: number, ageMaxMs: number | null): Sample {
  const rebuilds = { count: 20, failed: 0, p50Ms: 20, maxMs: 30 };
  return { at, ms: SAMPLE_MS, ageMaxMs, rebuilds, operations: {} };
}

function status(fields: Partial<Status> = {}): Status {
  return {
    ok: true,
    rebuiltAt: NOON - 2_000,
    ageMs: 2_000,
    window: { size: 3, capacity: 500 },
    pending: { size: 0, dropped: 0 },
    rebuilds: { count: 1, failed: 0, lastMs: 20, p50Ms: 20, p95Ms: 20 },
    operations: {},
    ledger: "kv",
    wall: "main",
    version: "test",
    ...fields,
  };
}

const after = (fields: Partial<Status>, before: Glance = NO_GLANCE, now = NOON) =>
  heard(before, status(fields), now);

test("loading before the first answer", () => {
  expect(verdictOf(NO_GLANCE)).toMatchObject({ tone: "waiting", since: null });
});

test("fresh since the end of the last late minute", () => {
  const history = [
    sample(NOON - 5 * SAMPLE_MS, 3_000),
    sample(NOON - 4 * SAMPLE_MS, CACHE_LATE_MS + 1),
    sample(NOON - 3 * SAMPLE_MS, null),
    sample(NOON - 2 * SAMPLE_MS, CACHE_LATE_MS),
  ];
  const verdict = verdictOf(after({ history }));
  expect(verdict).toMatchObject({ headline: "Fresh", since: NOON - 3 * SAMPLE_MS });
  expect(verdict.isAtLeast).toBeUndefined();
});

test("fresh for at least as long as there is data", () => {
  const history = [sample(NOON - 2 * SAMPLE_MS, null), sample(NOON - SAMPLE_MS, 3_000)];
  const since = NOON - 2 * SAMPLE_MS;
  expect(verdictOf(after({ history }))).toMatchObject({ since, isAtLeast: true });
  expect(verdictOf(after({ history: [] }))).toMatchObject({ headline: "Fresh", since: null });
});

test.each([
  ["a rebuild failed and the cache is old", { ok: false, ageMs: 30_000 }],
  ["the cache is old, though no rebuild failed", { ok: true, ageMs: 30_000 }],
])("late when %s, since the cache was 10 s old", (_, fields) => {
  const verdict = verdictOf(after({ ...fields, rebuiltAt: NOON - 30_000 }));
  expect(verdict).toMatchObject({ tone: "alarming", headline: "Late", since: NOON - 20_000 });
});

test("without the rebuilder: unavailable since the last published copy, and the hour's plots stay", () => {
  const history = [sample(NOON - SAMPLE_MS, 3_000)];
  const before = after({ history });
  const { history: _, ...away } = status({ ok: false, away: true, rebuiltAt: NOON - 40_000 });
  const glance = heard(before, { ...away, ageMs: 50_000 }, NOON + 10_000);
  expect(verdictOf(glance)).toMatchObject({
    headline: "Rebuilder unavailable",
    since: NOON - 40_000,
  });
  expect(glance.history).toEqual(history);
  const never = heard(before, { ...away, rebuiltAt: 0, ageMs: NOON }, NOON);
  expect(verdictOf(never).since).toBeNull();
});

test("without any answer: unreachable since the first failed request, until the next answer", () => {
  const once = unheard(after({}), NOON + 10_000);
  const twice = unheard(once, NOON + 20_000);
  expect(verdictOf(twice)).toMatchObject({ headline: "Unreachable", since: NOON + 10_000 });
  expect(verdictOf(heard(twice, status(), NOON + 30_000)).headline).toBe("Fresh");
});

test("times follow the wall's clock, whatever this browser's clock says", () => {
  const behindMs = 3_600_000;
  const glance = heard(NO_GLANCE, status(), NOON - behindMs);
  expect(glance.clockAheadMs).toBe(behindMs);
  expect(verdictOf(unheard(glance, NOON - behindMs + 1_000)).since).toBe(NOON + 1_000);
});
