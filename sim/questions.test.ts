/** A data centre asks the writer about once a second, however many isolates it has, and its answers are fresh. */
import { expect, test } from "vitest";
import { CHANGE_LOG_SIZE } from "#schema/limits";
import { runDataCentre } from "./data-centre";

const MS = 15_000;

const worlds = [1, 10, 50].flatMap((isolates) =>
  [0, 83].flatMap((changes) =>
    [30, 300, 1_500].map((writerMs) => ({ isolates, changes, writerMs })),
  ),
);

test.each(worlds)(
  "$isolates isolates share about one question a second, at $changes changes a second and $writerMs ms to the writer",
  async (world) => {
    const report = await runDataCentre({ ...world, polls: 20, ms: MS });
    expect(report.questionsPerSecond).toBeLessThanOrEqual(1.6);
    expect(report.questionsPerSecond).toBeGreaterThan(0.4);
    expect(report.atOnce).toBe(1);
    expect(report.spareReads).toBe(0);
    // At most a second old with a fast writer. Up to three with a slow one, so that reads need not wait for it.
    expect(report.staleMs).toBeLessThanOrEqual(world.writerMs > 500 ? 3_000 : 1_000);
    expect(report.waitMaxMs).toBeLessThanOrEqual(600);
  },
);

test.each([0.2, 2])(
  "isolates that are polled %d times a second are as fresh, by sharing the others' answers",
  async (polls) => {
    const report = await runDataCentre({ isolates: 20, polls, changes: 83, writerMs: 30, ms: MS });
    expect(report.questionsPerSecond).toBeLessThanOrEqual(1.6);
    expect(report.staleMs).toBeLessThanOrEqual(1_000);
  },
);

test.each([5, 50])(
  "%d isolates share the questions of readers with older cursors, also while a message is removed each second",
  async (isolates) => {
    const removed = { isolates, polls: 2, changes: 17, removals: 1, writerMs: 30, ms: MS };
    const report = await runDataCentre(removed);
    expect(report.questionsPerSecond).toBeLessThanOrEqual(1.6);
    expect(report.staleMs).toBeLessThanOrEqual(1_000);
  },
);

test.each([CHANGE_LOG_SIZE, 0.95 * CHANGE_LOG_SIZE, 0.9 * CHANGE_LOG_SIZE, 0.8 * CHANGE_LOG_SIZE])(
  "a stranger who reads with a cursor of %d changes ago causes no more questions than reads",
  async (behind) => {
    const oldReads = { perSecond: 1, behind };
    const world = { isolates: 50, polls: 2, changes: 17, writerMs: 300, ms: MS, oldReads };
    const report = await runDataCentre(world);
    expect(report.questionsPerSecond).toBeLessThanOrEqual(1.6 + oldReads.perSecond);
  },
);

test("fifty isolates that start within a second need only a few more questions", async () => {
  const world = { isolates: 50, polls: 20, changes: 83, writerMs: 30, ms: 2_000, warmUpMs: 0 };
  const report = await runDataCentre(world);
  expect(2 * report.questionsPerSecond).toBeLessThanOrEqual(6);
  expect(report.spareReads).toBe(0);
});

test.each(["fails", "hangs"] as const)(
  "with a cache that %s each isolate asks for itself, and its answers stay fresh",
  async (cache) => {
    const report = await runDataCentre({
      isolates: 5,
      polls: 20,
      changes: 17,
      writerMs: 30,
      ms: MS,
      cache,
    });
    expect(report.spareReads).toBe(0);
    expect(report.staleMs).toBeLessThanOrEqual(1_000);
    expect(report.questionsPerSecond).toBeLessThanOrEqual(5 * 1.4);
  },
);

test("an overloaded writer is asked by one isolate at a time, and the others learn of it", async () => {
  let isRefusing = false;
  const asked: number[] = [];
  const report = await runDataCentre({
    isolates: 20,
    polls: 20,
    changes: 17,
    writerMs: 30,
    ms: MS,
    onQuestion: (now) => {
      isRefusing ||= now >= Date.UTC(2026, 0, 1) + 10_000;
      if (!isRefusing) return;
      asked.push(now);
      throw Object.assign(new Error("overloaded"), { overloaded: true });
    },
  });
  expect(asked.length / (MS / 1_000)).toBeLessThanOrEqual(2);
  expect(report.spareReads).toBeGreaterThan(0.8 * report.reads);
});

test("a data centre caches three entries per wall, however long it runs", async () => {
  const keys = new Set<string>();
  await runDataCentre({ isolates: 10, polls: 20, changes: 17, writerMs: 30, ms: MS, keys });
  expect([...keys].sort()).toEqual(["main/asking", "main/recent", "main/window"]);
});
