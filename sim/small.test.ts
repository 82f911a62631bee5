import { expect, test, vi } from "vitest";
import { runWorld } from "./world";

/** Capacities so small that a minute fills the change log and rotates the journal. */
vi.mock("#schema/limits", async (original) => ({
  ...(await original<typeof import("#schema/limits")>()),
  WINDOW_SIZE: 20,
  CHANGE_LOG_SIZE: 60,
}));

const WORLDS = [
  { ledger: "kv", seeds: 70 },
  { ledger: "sqlite", seeds: 30 },
] as const;
const FAULTY_MS = 60_000;

test.each(WORLDS)(
  "$seeds worlds of small capacities keep the invariants on $ledger",
  async ({ ledger, seeds }) => {
    for (let seed = 1; seed <= seeds; seed += 1) {
      const { violation } = await runWorld({ seed, ledger, faultyMs: FAULTY_MS });
      expect(violation?.message, `seed ${seed}`).toBeUndefined();
    }
  },
  120_000,
);
