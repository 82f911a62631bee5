/** Regional hubs that follow one writer: every reader gets every message once, also when a hub is evicted or cut off. */
import { beforeAll, expect, test } from "vitest";
import { importBundled } from "../scripts/command/bundle.mjs";
import type { runScale } from "./scale";

let run: typeof runScale;

// The object is made of a class that only the runtime has.
beforeAll(async () => {
  const bundled: { runScale: typeof runScale } = await importBundled("sim/scale/index.ts");
  run = bundled.runScale;
});

const WORLD = { hubs: 2, readers: 50, perMinute: 1_200, ms: 40_000, askMs: 1_000 } as const;
const CLEAN = { missing: 0, leftOver: 0, repeated: 0, afterRemoval: 0, gaps: 0, closedByHub: 0 };

test("readers of two hubs miss nothing, get each change once, and see no removed message again", async () => {
  const report = await run({ ...WORLD, linkMs: [30, 150] });
  expect(report.messages).toBeGreaterThan(600);
  expect(report.removals).toBeGreaterThan(5);
  expect(report).toMatchObject({ ...CLEAN, refused: 0 });
  // A question a second and the isolate of each region.
  expect(report.calls.sync / 40).toBeLessThanOrEqual(2 * 2);
});

test("they miss nothing when one hub is evicted and one can't reach the writer for a while", async () => {
  const report = await run({ ...WORLD, linkMs: [30, 150], faults: true });
  expect(report).toMatchObject(CLEAN);
  // The evicted hub doesn't know what its sockets have: their pages poll once.
  expect(report.polls).toBeGreaterThanOrEqual(20);
  // Messages sent to the hub that can't reach the writer.
  expect(report.refused).toBeGreaterThan(0);
});
