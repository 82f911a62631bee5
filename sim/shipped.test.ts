import { expect, test } from "vitest";
import { tell } from "./explain";
import { runWorld } from "./world";

const WORLDS = [
  { ledger: "kv", seeds: 30 },
  { ledger: "sqlite", seeds: 15 },
] as const;
/** Simulated time with faults; what follows without them, until all has come right, comes on top. */
const FAULTY_MS = 60_000;

test.each(WORLDS)(
  "$seeds worlds of stale reads, lost calls, kills and skewed clocks keep the invariants on $ledger",
  async ({ ledger, seeds }) => {
    for (let seed = 1; seed <= seeds; seed += 1) {
      const { violation, acknowledged } = await runWorld({ seed, ledger, faultyMs: FAULTY_MS });
      expect(violation?.message, `seed ${seed}`).toBeUndefined();
      expect(acknowledged).toBeGreaterThan(0);
    }
  },
  120_000,
);

test("the same seed tells the same story, byte for byte", async () => {
  const world = { seed: 7, faultyMs: FAULTY_MS };
  expect(await tell(world)).toEqual(await tell(world));
}, 60_000);
