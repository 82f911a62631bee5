import { pathToFileURL } from "node:url";
import { beforeAll, expect, test } from "vitest";
import { scratchDirectory } from "../scripts/command/scratch.mjs";
import { bundleSizes } from "./run/sizes.mjs";

type Simulation = typeof import("./index");

/** Simulated time with faults, in ms; the time to recover without them is added. */
const FAULTY_MS = 60_000;

const WORLDS = [
  { size: "shipped", ledger: "kv", seeds: 8 },
  { size: "shipped", ledger: "sqlite", seeds: 4 },
  { size: "small", ledger: "kv", seeds: 12 },
  { size: "small", ledger: "sqlite", seeds: 6 },
] as const;

let simulations: Record<"shipped" | "small", Simulation>;

beforeAll(async () => {
  const files = await bundleSizes(scratchDirectory("worlds"));
  const load = (file: string): Promise<Simulation> => import(pathToFileURL(file).href);
  simulations = { shipped: await load(files.shipped), small: await load(files.small) };
}, 60_000);

test.each(WORLDS)(
  "$seeds worlds of $size capacities, with stale reads, lost calls, kills and skewed clocks, keep the invariants on $ledger",
  async ({ size, ledger, seeds }) => {
    const { runWorld } = simulations[size];
    for (let seed = 1; seed <= seeds; seed += 1) {
      const { violation } = await runWorld({ seed, ledger, faultyMs: FAULTY_MS });
      expect(violation?.message, `seed ${seed}`).toBeUndefined();
    }
  },
  300_000,
);

test("messages are acknowledged in a world", async () => {
  const { acknowledged } = await simulations.shipped.runWorld({ seed: 1, faultyMs: FAULTY_MS });
  expect(acknowledged).toBeGreaterThan(0);
}, 60_000);

test("the same seed gives the same trace, byte for byte", async () => {
  const { tell } = simulations.small;
  const world = { seed: 7, faultyMs: FAULTY_MS };
  expect(await tell(world)).toEqual(await tell(world));
}, 60_000);
