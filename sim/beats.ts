/** The rebuilder's beat over many stored comments, without faults: for `npm run bench -- grow`. */
import type { Sync } from "#schema/change";
import type { Cursor } from "#schema/cursor";
import { keyOf } from "#schema/id";
import { WINDOW_SIZE } from "#schema/limits";
import { Random } from "../scripts/command/random.mjs";
import { Faults } from "./faults";
import { oldComments } from "./old-comments";
import { SimKv } from "./platform/kv";
import { NO_EVENTS } from "./platform/no-events";
import { SimObject } from "./platform/object";
import { Scheduler } from "./platform/scheduler";

const WALL = "main";
const LOCATION = "iad";
const START = Date.UTC(2026, 0, 1);
const BEAT_MS = 3_000;
/** Beats until all earlier comments are read, journaled and published. */
const SETTLING_BEATS = 20;

/** Cost of one beat: real time in ms, and KV operations. */
export interface BeatCost {
  ms: number;
  operations: number;
}

/** Costs of beats of a wall that is read but not written to. */
export async function beatCosts(stored: number, beats: number): Promise<BeatCost[]> {
  const random = new Random(1);
  const scheduler = new Scheduler(START);
  const faults = new Faults(random.fork(), 0, new Set(), null);
  const kv = new SimKv({
    scheduler,
    random: random.fork(),
    faults,
    locations: [LOCATION],
    listMaxKeys: 2 * WINDOW_SIZE,
  });
  // Newest first is the order of the keys, in which planting is fast.
  for (const comment of oldComments(START, stored))
    kv.plant(keyOf(WALL, comment.id), JSON.stringify(comment));
  const object = new SimObject({
    scheduler,
    random: random.fork(),
    kv,
    location: LOCATION,
    faults,
    trace: null,
    wall: WALL,
    ledger: "kv",
    events: NO_EVENTS,
  });
  let cursor: Cursor | undefined;
  const beat = async () => {
    const before = kv.operations;
    const startedAt = performance.now();
    // The question keeps the wall from going idle.
    const asked = object.calls().sync(cursor);
    await scheduler.runUntil(scheduler.now + BEAT_MS);
    const { store, sequence }: Sync = JSON.parse(await asked);
    cursor = { store, sequence };
    return { ms: performance.now() - startedAt, operations: kv.operations - before };
  };
  for (let count = 0; count < SETTLING_BEATS; count += 1) await beat();
  const costs: BeatCost[] = [];
  for (let count = 0; count < beats; count += 1) costs.push(await beat());
  return costs;
}
