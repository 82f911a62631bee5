/** Faults of the machines: crashes, deploys, clocks, foreign keys, and a cron that sometimes misses. */
import { commentPrefix, keyOf, makeId } from "#schema/id";
import { NONCE_LIFETIME_MS } from "#schema/limits";
import type { Random } from "../scripts/command/random.mjs";
import type { Faults } from "./faults";
import type { Isolates } from "./isolates";
import type { SimKv } from "./platform/kv";
import type { SimObject } from "./platform/object";
import type { Scheduler } from "./platform/scheduler";

const BLOW_TYPICAL_MS = 15_000;
const BLOW_TAIL_MS = 120_000;
const AWAY_MIN_MS = 1_000;
const AWAY_MAX_MS = 40_000;
const REFUSED_MIN_MS = 5_000;
const REFUSED_MAX_MS = 45_000;
const FULL_MIN_MS = 500;
const FULL_MAX_MS = 15_000;
/** How far a machine's clock runs ahead, and how long until it is right again. */
const AHEAD_MIN_MS = NONCE_LIFETIME_MS / 12;
const AHEAD_MAX_MS = NONCE_LIFETIME_MS / 6;
const AHEAD_FOR_MS = 15_000;
/** Requests that wait for an isolate when it starts. */
const READS_AT_START = 3;
const CRON_INTERVAL_MS = 60_000;

interface Parts {
  scheduler: Scheduler;
  faults: Faults;
  object: SimObject;
  isolates: Isolates;
  kv: SimKv;
  wall: string;
  locations: readonly string[];
}

export async function chaos(parts: Parts, own: Random, until: number): Promise<void> {
  const { scheduler, faults, object, isolates, kv, wall, locations } = parts;
  const blows = {
    killed: () => object.kill(),
    "killed and away": () => object.kill(own.integer(AWAY_MIN_MS, AWAY_MAX_MS)),
    superseded: () => object.supersede(),
    hibernated: () => void object.hibernate(),
    "connections dropped": () => object.dropSockets(),
    "isolate restarted": () => {
      const isolate = own.pick(isolates.all);
      isolates.restart(isolate);
      for (let read = 0; read < READS_AT_START; read += 1) void isolates.read(isolate);
    },
    "clock stepped": () => {
      if (own.chance(0.5)) object.stepBack();
      else isolates.stepClock(own.pick(locations));
    },
    "foreign key": () => kv.plant(`${commentPrefix(wall)}${own.integer(0, 9)}-not-ours`, "{}"),
    "corrupt value": () => {
      const id = makeId(scheduler.now - own.integer(0, 60_000), "corrupt000");
      kv.plant(keyOf(wall, id), own.pick(["", "{", "[]", `{"id":"${id}"}`]));
    },
    "kv puts refused for a while": () =>
      kv.refusePutsUntil(scheduler.now + own.integer(REFUSED_MIN_MS, REFUSED_MAX_MS)),
    "storage full for a while": () =>
      object.refuseWritesUntil(scheduler.now + own.integer(FULL_MIN_MS, FULL_MAX_MS)),
    "object's clock far ahead": () => {
      object.runAhead(own.integer(AHEAD_MIN_MS, AHEAD_MAX_MS));
      scheduler.after(own.integer(1_000, AHEAD_FOR_MS), () => object.runAhead(0));
    },
    "entrypoints' clock far ahead": () => {
      const place = own.pick(locations);
      isolates.stepClock(place, own.integer(AHEAD_MIN_MS, AHEAD_MAX_MS));
      scheduler.after(own.integer(1_000, AHEAD_FOR_MS), () => isolates.stepClock(place));
    },
  } as const;
  const kinds = Object.keys(blows) as (keyof typeof blows)[];
  while (scheduler.now < until) {
    await scheduler.sleep(own.delay(BLOW_TYPICAL_MS, BLOW_TAIL_MS));
    const kind = own.pick(kinds);
    if (scheduler.now < until && faults.happens(kind)) blows[kind]();
  }
}

export async function cron({ scheduler, faults, object }: Parts, until: number): Promise<void> {
  while (scheduler.now < until) {
    await scheduler.sleep(CRON_INTERVAL_MS);
    if (faults.happens("cron missed")) continue;
    void object.watch().catch(() => {});
    if (faults.happens("cron twice")) void object.watch().catch(() => {});
  }
}
