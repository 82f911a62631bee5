/** One simulated run: the shipped entrypoint, rebuilder and client store in a world that misbehaves. */

import { WallStore } from "#client/wall-store";
import type { Sync } from "#schema/change";
import type { Comment } from "#schema/comment";
import { parseCursor } from "#schema/cursor";
import { keyOf, suffixFromBytes } from "#schema/id";
import type { Read } from "#schema/read";
import { CommentsService } from "#worker/comments";
import { type KvBinding, KvLedger } from "#worker/ledger/kv";
import { Operations } from "#worker/operations";
import { Replica } from "#worker/replica";
import { suffixes } from "#worker/suffix";
import { Checker, Violation } from "./checker";
import { SimKv } from "./kv";
import { SimObject } from "./object";
import { Random } from "./random";
import { Scheduler } from "./scheduler";

const WALL = "main";
const START = Date.UTC(2026, 0, 1);
const LOCATIONS = ["ams", "sin", "iad", "gru"] as const;
const ISOLATES_PER_LOCATION = 2;
const SKEW_MAX_MS = 2_000;
const BOT_TOKEN = "simulated-bot-token-0123456789";
/** Time for everything to come right once the faults are over: KV's own bounds, and some more. */
const HEALING_MS = 5 * 60_000;

export interface Report {
  seed: number;
  simulatedMs: number;
  acknowledged: number;
  reads: number;
  patches: number;
  checks: number;
  injected: Map<string, number>;
  lateness: number[];
  violation: Violation | null;
}

interface Isolate {
  location: string;
  replica: Replica;
}

export async function runWorld(seed: number, faultyMs: number): Promise<Report> {
  const random = new Random(seed);
  const scheduler = new Scheduler(START);
  const checker = new Checker(() => scheduler.now - START);
  const level = random.pick([0, 0.3, 1]);
  const kvFaults = {
    putFails: 0.02 * level,
    putFailsButTakesEffect: 0.02 * level,
    putTakesEffectLate: 0.02 * level,
    readFails: 0.02 * level,
    listFails: 0.03 * level,
  };
  const objectFaults = {
    callLost: 0.03 * level,
    answerLost: 0.03 * level,
    noticeDuplicated: 0.05 * level,
    alarmLate: 0.02 * level,
    alarmTwice: 0.03 * level,
    alarmNever: 0.01 * level,
  };
  const kv = new SimKv(scheduler, random.fork(), kvFaults, LOCATIONS);
  let violation: Violation | null = null;
  const guard = (check: () => void) => {
    try {
      check();
    } catch (error) {
      if (!(error instanceof Violation)) throw error;
      violation ??= error;
    }
  };
  const object = new SimObject({
    scheduler,
    random: random.fork(),
    kv: kv.at("iad"),
    faults: objectFaults,
    wall: WALL,
    events: {
      log: (event, fields) => {
        if (event === "cache rebuilt") guard(() => checker.rebuilt(fields));
      },
      sync: (sync, askedAt) => guard(() => checker.synced(sync, askedAt - START)),
      put: (incarnation, key) => {
        if (key === "recent:comments") guard(() => checker.published(incarnation));
      },
    },
  });

  const skews = new Map<string, number>(
    LOCATIONS.map((location) => [location, random.integer(-SKEW_MAX_MS, SKEW_MAX_MS)]),
  );
  const isolates: Isolate[] = LOCATIONS.flatMap((location) =>
    Array.from({ length: ISOLATES_PER_LOCATION }, () => ({ location, replica: new Replica() })),
  );
  const shared = new Map<string, { text: string; until: number }>();
  const chance = random.fork();
  let readsOfPolls = 0;

  /** The entrypoint, made for each request as its shell does. */
  const service = (isolate: Isolate): CommentsService => {
    const { location } = isolate;
    const binding: KvBinding = kv.at(location);
    return new CommentsService({
      wall: WALL,
      clock: {
        now: () => scheduler.now + (skews.get(location) ?? 0),
        sleep: (ms) => scheduler.sleep(ms),
      },
      ledger: new KvLedger(binding, WALL, new Operations()),
      rebuilder: () => object.rpc(),
      replica: isolate.replica,
      shared: {
        get: async (key) => {
          const entry = shared.get(`${location} ${key}`);
          return entry && entry.until > scheduler.now ? entry.text : null;
        },
        put: async (key, text) =>
          void shared.set(`${location} ${key}`, { text, until: scheduler.now + 1_000 }),
      },
      suffixes: {
        ...suffixes,
        random: () => suffixFromBytes(Uint8Array.from({ length: 8 }, () => chance.integer(0, 255))),
      },
      tokens: { bot: BOT_TOKEN },
      background: (work) => void work.catch(() => {}),
      log: () => {},
      status: { ledger: "kv", version: "sim" },
    });
  };

  const read = async (isolate: Isolate, since?: string): Promise<Read | null> => {
    const cursor = since ? parseCursor(since) : null;
    const outcome = await service(isolate).read(
      cursor ? { since: cursor, limit: 500 } : { limit: 500 },
    );
    readsOfPolls += 1;
    if (!outcome.ok || !outcome.value.body) return null;
    return JSON.parse(new TextDecoder().decode(outcome.value.body));
  };

  const end = START + faultyMs;
  let posts = 0;
  let patches = 0;

  /** A person: writes now and then, and sends again, with the same nonce, what was not answered. */
  const poster = async (name: string, everyMs: number) => {
    const own = random.fork();
    for (let index = 0; scheduler.now < end; index += 1) {
      await scheduler.sleep(own.delay(everyMs, 10 * everyMs));
      const nonce = `${name}-message-${index}`;
      const text = `${name} says ${index}`;
      checker.sent(nonce, text);
      for (let attempt = 0; attempt < 8; attempt += 1) {
        const outcome = await service(own.pick(isolates)).post({}, { text, nonce });
        // The answer may be lost on its way to the client, who then sends again.
        if (outcome.ok && !own.chance(0.05 * level)) {
          posts += 1;
          guard(() => checker.acknowledged(outcome.value.comment));
          break;
        }
        await scheduler.sleep(own.delay(1_000, 20_000));
      }
    }
  };

  /** A page: polls, and starts anew now and then, or moves to another place. */
  const poller = async (name: string) => {
    const own = random.fork();
    let store = new WallStore();
    let isolate = own.pick(isolates);
    let cursor: string | null = null;
    while (scheduler.now < end + HEALING_MS) {
      await scheduler.sleep(own.delay(5_000, 60_000));
      if (own.chance(0.02)) {
        store = new WallStore();
        cursor = null;
      }
      if (own.chance(0.1)) isolate = own.pick(isolates);
      for (let again = true; again; ) {
        const query = store.query();
        const answer = await read(isolate, query.since);
        again = answer !== null && store.accept(answer, query);
      }
      const { comments } = store.snapshot();
      guard(() => checker.client(name, comments));
      const now = store.cursor === null ? null : parseCursor(store.cursor);
      const before = cursor === null ? null : parseCursor(cursor);
      if (now && before && now.store === before.store && now.sequence < before.sequence)
        guard(() => checker.fail(10, `${name}'s cursor went back`));
      if (now) guard(() => checker.clientAt(name, now.store, now.sequence, comments));
      cursor = store.cursor;
    }
  };

  /** A bot: marks what it has not marked in this life. */
  const bot = async () => {
    const own = random.fork();
    let done = new Set<string>();
    while (scheduler.now < end + HEALING_MS) {
      await scheduler.sleep(own.delay(3_000, 30_000));
      if (own.chance(0.02)) done = new Set();
      const isolate = own.pick(isolates);
      const answer = await read(isolate);
      const open = (answer?.comments ?? []).filter(
        ({ id, botParams }) => botParams.processed === false && !done.has(id),
      );
      for (const { id } of open.slice(0, 5)) {
        const outcome = await service(isolate).patch({ token: BOT_TOKEN }, id, {
          botParams: { processed: true },
        });
        if (!outcome.ok) {
          if (outcome.problem.status === 404)
            guard(() => checker.fail(5, `PATCH of ${id} answered 404`));
          continue;
        }
        patches += 1;
        done.add(id);
        guard(() => checker.processed(outcome.value.id));
      }
    }
  };

  /** Crashes, deploys, and the cron. */
  const chaos = async () => {
    const own = random.fork();
    while (scheduler.now < end) {
      await scheduler.sleep(own.delay(20_000, 120_000));
      if (level === 0) continue;
      const kind = own.integer(0, 5);
      if (kind === 0) object.kill("killed");
      if (kind === 1) object.kill("evicted", own.integer(0, 5_000));
      if (kind === 2) object.kill("away", own.integer(5_000, 40_000));
      if (kind === 3) object.supersede();
      if (kind === 4) {
        const isolate = own.pick(isolates);
        isolate.replica = new Replica();
      }
      if (kind === 5) skews.set(own.pick(LOCATIONS), own.integer(-SKEW_MAX_MS, SKEW_MAX_MS));
    }
  };
  const cron = async () => {
    const own = random.fork();
    while (scheduler.now < end + HEALING_MS) {
      await scheduler.sleep(60_000);
      if (level > 0 && scheduler.now < end && own.chance(0.1)) continue;
      void object.watch().catch(() => {});
      if (own.chance(0.1)) void object.watch().catch(() => {});
    }
  };

  const busy = random.pick([300, 2_000, 10_000]);
  const actors: Promise<void>[] = [
    ...Array.from({ length: 4 }, (_, n) => poster(`person-${n}`, busy)),
    ...Array.from({ length: 4 }, (_, n) => poller(`page-${n}`)),
    bot(),
    bot(),
    chaos(),
    cron(),
  ];
  let crashed: unknown;
  Promise.all(actors).catch((error) => {
    crashed = error;
  });

  for (let time = START; time < end && !violation && !crashed; time += 10_000)
    await scheduler.runUntil(Math.min(end, time + 10_000));
  for (const fault of Object.keys(kvFaults) as (keyof typeof kvFaults)[]) kvFaults[fault] = 0;
  for (const fault of Object.keys(objectFaults) as (keyof typeof objectFaults)[])
    objectFaults[fault] = 0;
  if (!violation && !crashed) await scheduler.runUntil(end + HEALING_MS);
  if (crashed) throw crashed;

  if (!violation) {
    const found = new Map<string, Comment | null>();
    const isolate = isolates[0] as Isolate;
    await finished(scheduler, async () => {
      for (const id of checker.acknowledgedIds()) {
        const outcome = await service(isolate).find(id);
        found.set(id, outcome.ok ? outcome.value : null);
      }
    });
    guard(() => checker.final(found, (id) => kv.value(keyOf(WALL, id)) !== null));
    // What came in a burst of over 500 was perhaps never asked for; the change log has it all the same.
    await finished(scheduler, async () => {
      const { floor, store } = JSON.parse(await object.rpc().sync(WALL)) as Sync;
      await object.rpc().sync(WALL, { store, sequence: floor });
    });
    const unseen = checker.neverShown();
    if (unseen.length > 0)
      guard(() => checker.fail(2, `${unseen.length} acknowledged never shown: ${unseen[0]}`));
  }
  return {
    seed,
    simulatedMs: scheduler.now - START,
    acknowledged: posts,
    reads: readsOfPolls,
    patches,
    checks: checker.checks,
    injected: new Map([...kv.injected, ...object.injected]),
    lateness: checker.lateness,
    violation,
  };
}

/** Lets time go on until `work` has ended. */
async function finished(scheduler: Scheduler, work: () => Promise<void>): Promise<void> {
  let ended = false;
  const working = work().finally(() => {
    ended = true;
  });
  while (!ended) await scheduler.runUntil(scheduler.now + 1_000);
  await working;
}
