import { expect, test } from "vitest";
import { CACHE_LATE_MS, SAMPLE_MS } from "#schema/limits";
import type { Sample, Status } from "#schema/status";
import { type Glance, heard, NO_GLANCE, unheard } from "./glance";
import { verdictOf } from "./verdict";

/** A full minute, as samples begin on one. */
const NOW = 1_790_000_040_000;

function sample(at: number, ageMaxMs: number | null): Sample {
  const rebuilds = { count: 20, failed: 0, p50Ms: 20, maxMs: 30 };
  return { at, ms: SAMPLE_MS, ageMaxMs, rebuilds, operations: {} };
}

function status(fields: Partial<Status> = {}): Status {
  return {
    ok: true,
    rebuiltAt: NOW - 2_000,
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

/** The status page's view after an answer with these fields. */
const glanceAfter = (fields: Partial<Status>, before: Glance = NO_GLANCE, now = NOW) =>
  heard(before, status(fields), now);

test("loading before the first answer", () => {
  expect(verdictOf(NO_GLANCE)).toMatchObject({ tone: "waiting", since: null });
});

test("fresh since the end of the last late minute", () => {
  const history = [
    sample(NOW - 5 * SAMPLE_MS, 3_000),
    sample(NOW - 4 * SAMPLE_MS, CACHE_LATE_MS + 1),
    sample(NOW - 3 * SAMPLE_MS, null),
    sample(NOW - 2 * SAMPLE_MS, CACHE_LATE_MS),
  ];
  const verdict = verdictOf(glanceAfter({ history }));
  expect(verdict).toMatchObject({ headline: "Fresh", since: NOW - 3 * SAMPLE_MS });
  expect(verdict.isAtLeast).toBeUndefined();
});

test("without a late minute: fresh since the oldest sample or longer; without samples: since an unknown time", () => {
  const history = [sample(NOW - 2 * SAMPLE_MS, null), sample(NOW - SAMPLE_MS, 3_000)];
  const since = NOW - 2 * SAMPLE_MS;
  expect(verdictOf(glanceAfter({ history }))).toMatchObject({ since, isAtLeast: true });
  expect(verdictOf(glanceAfter({ history: [] }))).toMatchObject({ headline: "Fresh", since: null });
});

test.each([
  ["a rebuild failed and the cache is old", { ok: false, ageMs: 30_000 }],
  ["the cache is old, though no rebuild failed", { ok: true, ageMs: 30_000 }],
])("late when %s: since the moment the cache was 10 s old", (_, fields) => {
  const verdict = verdictOf(glanceAfter({ ...fields, rebuiltAt: NOW - 30_000 }));
  expect(verdict).toMatchObject({ tone: "alarming", headline: "Late", since: NOW - 20_000 });
});

test("without the rebuilder: unavailable since the last published copy was made; the last hour's plots stay", () => {
  const history = [sample(NOW - SAMPLE_MS, 3_000)];
  const before = glanceAfter({ history });
  const { history: _, ...away } = status({ ok: false, away: true, rebuiltAt: NOW - 40_000 });
  const glance = heard(before, { ...away, ageMs: 50_000 }, NOW + 10_000);
  expect(verdictOf(glance)).toMatchObject({
    headline: "Rebuilder unavailable",
    since: NOW - 40_000,
  });
  expect(glance.history).toEqual(history);
  const never = heard(before, { ...away, rebuiltAt: 0, ageMs: NOW }, NOW);
  expect(verdictOf(never).since).toBeNull();
});

test("without any answer: unreachable since the first failed request, until the next answer", () => {
  const once = unheard(glanceAfter({}), NOW + 10_000);
  const twice = unheard(once, NOW + 20_000);
  expect(verdictOf(twice)).toMatchObject({ headline: "Unreachable", since: NOW + 10_000 });
  expect(verdictOf(heard(twice, status(), NOW + 30_000)).headline).toBe("Fresh");
});

test("times follow the wall's clock, whatever this browser's clock says", () => {
  const behindMs = 3_600_000;
  const glance = heard(NO_GLANCE, status(), NOW - behindMs);
  expect(glance.clockAheadMs).toBe(behindMs);
  expect(verdictOf(unheard(glance, NOW - behindMs + 1_000)).since).toBe(NOW + 1_000);
});
