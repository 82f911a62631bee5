/**
 * One writer, and hubs in several regions that follow it and hold the sockets, over virtual time: for
 * `npm run bench -- scale` (docs/scale.md). Writer, hub, room, replica and refresher are the shipped ones; the network
 * between them is assumed.
 */
import type { Read, ReadQuery } from "#schema/read";
import { Asker } from "#worker/contract/asker";
import type { WriterCalls } from "#worker/contract/writer-calls";
import { Refresher } from "#worker/entrypoint/replica/refresher";
import { Replica } from "#worker/entrypoint/replica/replica";
import { Random } from "../../scripts/command/random.mjs";
import { Faults } from "../faults";
import { SimKv } from "../platform/kv";
import { NO_EVENTS } from "../platform/no-events";
import { SimObject } from "../platform/object";
import { Scheduler } from "../platform/scheduler";
import { RegionalHub } from "./hub";
import { Messages } from "./messages";
import { Page, type PageSocket, Region, type Totals } from "./pages";

const WALL = "main";
const LOCATION = "iad";
const START = Date.UTC(2026, 0, 1);
/** Until everyone's channel is open. */
const WARM_UP_MS = 5_000;
/** After the last message: everyone is back by then, and has caught up. */
const DRAIN_MS = 40_000;
/** A message between two regions takes up to this share longer. */
const JITTER = 0.2;
/** One way between a page and its hub. */
const LAST_MILE_MS = [5, 40] as const;
/** A page leaves on average after this long, and comes back within `AWAY_MAX_MS`. */
const STAY_MS = 300_000;
const AWAY_MAX_MS = 20_000;
const REMOVAL_EVERY_MS = 2_000;
/** The message that is removed is at most this old. */
const REMOVED_AGE_MAX_MS = 10_000;
/** With faults: how long one hub can't reach the writer. */
const CUT_OFF_MS = 10_000;

export interface ScaleOptions {
  hubs: number;
  readers: number;
  /** Messages a minute. */
  perMinute: number;
  /** How long messages come, in ms. */
  ms: number;
  /** From one question of a hub to the next, in ms. */
  askMs: number;
  /** One way between the writer and a hub, in ms: the nearest and the furthest hub. */
  linkMs: readonly [number, number];
  /** One hub is evicted, and one can't reach the writer for a while. */
  faults?: boolean;
  seed?: number;
  onProgress?: (share: number) => void;
}

export interface ScaleReport extends Totals {
  /** Acknowledged messages, and removals. */
  messages: number;
  removals: number;
  /** Acknowledged messages that never came, and removed ones that are still shown, of all pages together. */
  missing: number;
  leftOver: number;
  /** Age of a message when a reader with an open channel got it, from the writer's acknowledgement, in ms. */
  age: { p50: number; p99: number; most: number };
  /** From the acknowledgement of a removal to the last frame that still had the message, over all readers, in ms. */
  shownRemovedMs: number;
  /** Frames of one hub in a second, while messages came: on average, and at most in any hub. */
  framesPerSecond: { mean: number; most: number };
  /** Calls of the writer in the measured time. */
  calls: { append: number; sync: number; syncByIsolates: number; remove: number };
  /** Size of the answers to hubs. */
  syncBytes: number;
  /** The writer's own count of its operations in the measured time. */
  operations: Record<string, number>;
}

export async function runScale(options: ScaleOptions): Promise<ScaleReport> {
  const { hubs, readers, perMinute, ms, askMs, linkMs, faults = false, seed = 1 } = options;
  const scheduler = new Scheduler(START);
  const random = new Random(seed);
  const clock = {
    now: () => scheduler.now,
    sleep: (pause: number, signal?: AbortSignal) => scheduler.sleep(pause, signal),
  };
  const writer = newWriter(scheduler, random).calls();
  const messages = new Messages();
  const messagesMax = Math.ceil(1.2 * perMinute * (ms / 60_000)) + 1_000;
  const totals = newTotals();
  const calls = { append: 0, sync: 0, syncByIsolates: 0, remove: 0 };
  let syncBytes = 0;
  const ids: { id: string; at: number }[] = [];
  let cutOff = { region: -1, until: 0 };

  const callsFrom = (region: number, isHub: boolean): Pick<WriterCalls, "sync" | "append"> => {
    const [near, far] = linkMs;
    const typicalMs = hubs === 1 ? near : near + (region * (far - near)) / (hubs - 1);
    const pass = async () => {
      await scheduler.sleep(Math.round(typicalMs * (1 + JITTER * random.next())));
      if (isHub && cutOff.region === region && scheduler.now < cutOff.until)
        throw new Error("simulated: the writer can't be reached");
    };
    return {
      sync: async (since) => {
        await pass();
        calls.sync += 1;
        if (!isHub) calls.syncByIsolates += 1;
        const text = await writer.sync(since);
        if (isHub) syncBytes += text.length;
        await pass();
        return text;
      },
      append: async (draft, network) => {
        await pass();
        calls.append += 1;
        const accepted = await writer.append(draft, network);
        if (accepted?.comment && accepted.isNew) {
          const { id } = accepted.comment;
          messages.acknowledgedAt[messages.indexOf(id)] = scheduler.now;
          ids.push({ id, at: scheduler.now });
        }
        await pass();
        return accepted;
      },
    };
  };

  const regions = Array.from({ length: hubs }, (_, number) => {
    const region = new Region();
    const hub = new RegionalHub<PageSocket>({
      clock,
      host: region,
      calls: callsFrom(number, true),
      askMs,
    });
    const poll = isolate(clock, callsFrom(number, false), random);
    region.parts = { scheduler, messages, messagesMax, totals, hub, poll };
    void hub.follow();
    return region;
  });

  const { store, sequence } = JSON.parse(await atOnce(scheduler, writer.sync()));
  const pages = Array.from({ length: readers }, (_, number) => {
    const region = regions[number % hubs] as Region;
    const network = `10.${number >> 16}.${(number >> 8) & 255}.${number & 255}`;
    const page = new Page(region, network, random.integer(...LAST_MILE_MS), { store, sequence });
    region.add(page);
    scheduler.after(random.integer(0, WARM_UP_MS / 2), () => void page.open());
    return page;
  });
  await scheduler.runUntil(START + WARM_UP_MS);
  const before = await operationsOf(scheduler, writer);
  Object.assign(totals, newTotals());
  Object.assign(calls, { append: 0, sync: 0, syncByIsolates: 0, remove: 0 });
  syncBytes = 0;

  const beganAt = scheduler.now;
  const endsAt = beganAt + ms;
  /** Calls `act` until the end, at random times this far apart on average; in whole ms, as the platform's clocks count. */
  const keep = (everyMs: number, act: () => void) => {
    const next = () =>
      scheduler.after(Math.round(-Math.log(1 - random.next()) * everyMs), () => {
        if (scheduler.now >= endsAt) return;
        act();
        next();
      });
    next();
  };
  let nonces = 0;
  keep(60_000 / perMinute, () => {
    nonces += 1;
    const author = random.pick(pages);
    author.post(`message-${nonces}`, textOf(nonces));
  });
  keep(STAY_MS / readers, () => {
    const page = random.pick(pages);
    if (!page.isOpen) return;
    page.leave();
    scheduler.after(random.integer(1_000, AWAY_MAX_MS), () => void page.open());
  });
  let removals = 0;
  keep(REMOVAL_EVERY_MS, () => {
    const recent = ids.slice(-Math.ceil((perMinute * REMOVED_AGE_MAX_MS) / 60_000));
    if (recent.length === 0) return;
    const { id } = random.pick(recent);
    const index = messages.indexOf(id);
    calls.remove += 1;
    void writer.remove(id, "simulated", "admin").then(() => {
      if (messages.removedAt.has(index)) return;
      removals += 1;
      messages.removedAt.set(index, scheduler.now);
    });
  });
  if (faults) {
    scheduler.after(Math.round(ms / 3), () => {
      regions[0]?.forgetUnseen();
      regions[0]?.parts.hub.evict();
    });
    scheduler.after(Math.round((2 * ms) / 3), () => {
      cutOff = { region: hubs - 1, until: scheduler.now + CUT_OFF_MS };
    });
  }
  for (let at = beganAt; at < endsAt; at += 1_000) {
    await scheduler.runUntil(at + 1_000);
    options.onProgress?.((at - beganAt) / ms);
  }
  const measured = { totals: { ...totals }, calls: { ...calls }, syncBytes };
  const after = await operationsOf(scheduler, writer);
  await scheduler.runUntil(endsAt + DRAIN_MS);

  const { missing, leftOver } = audit(pages, messages);
  const { repeated, afterRemoval, gaps } = totals;
  const first = Math.floor(beganAt / 1_000);
  const seconds = Array.from({ length: Math.floor(ms / 1_000) }, (_, second) => first + second);
  const frames = regions.flatMap(({ framesBySecond }) =>
    seconds.map((second) => framesBySecond[second] ?? 0),
  );
  return {
    ...measured.totals,
    repeated,
    afterRemoval,
    gaps,
    messages: ids.length,
    removals,
    missing,
    leftOver,
    age: { p50: messages.age(0.5), p99: messages.age(0.99), most: messages.age(1) },
    shownRemovedMs: messages.shownRemovedMs,
    framesPerSecond: {
      mean: frames.reduce((sum, count) => sum + count, 0) / frames.length,
      most: Math.max(...frames),
    },
    calls: measured.calls,
    syncBytes: measured.syncBytes,
    operations: Object.fromEntries(
      Object.entries(after).map(([kind, count]) => [kind, count - (before[kind] ?? 0)]),
    ),
  };
}

/** Counts the messages that pages lack or still show, after all have caught up. */
function audit(pages: readonly Page[], messages: Messages) {
  let missing = 0;
  let leftOver = 0;
  for (const { got, gone } of pages)
    for (let index = 0; index < messages.size; index += 1) {
      const isRemoved = messages.removedAt.has(index);
      if (messages.acknowledgedAt[index] === undefined) continue;
      if (!got.has(index) && !isRemoved) missing += 1;
      if (got.has(index) && isRemoved && !gone.has(index)) leftOver += 1;
    }
  return { missing, leftOver };
}

/** The shipped object on the `sqlite` ledger, without faults; the network is added by its callers. */
function newWriter(scheduler: Scheduler, random: Random): SimObject {
  const faults = new Faults(random.fork(), 0, new Set(), null);
  const kv = new SimKv({
    scheduler,
    random: random.fork(),
    faults,
    locations: [LOCATION],
    listMaxKeys: 1_000,
  });
  return new SimObject({
    scheduler,
    random: Object.assign(random.fork(), { delay: () => 0 }),
    kv,
    location: LOCATION,
    faults,
    trace: null,
    wall: WALL,
    ledger: "sqlite",
    events: NO_EVENTS,
  });
}

/** One isolate for all polls of a region. */
function isolate(
  clock: ConstructorParameters<typeof Asker>[0],
  calls: Pick<WriterCalls, "sync">,
  random: Random,
): (query: ReadQuery) => Promise<Read> {
  const replica = new Replica();
  const refresher = new Refresher({
    wall: WALL,
    clock,
    spare: { publish: async () => {}, readSpare: async () => null },
    asker: new Asker(clock, () => calls as WriterCalls),
    replica,
    shared: { get: async () => null, put: async () => {} },
    background: () => {},
    log: () => {},
    random: () => random.next(),
  });
  return async (query) => {
    await refresher.refresh(query);
    return JSON.parse(new TextDecoder().decode(replica.read(query).body()));
  };
}

async function operationsOf(scheduler: Scheduler, writer: WriterCalls) {
  const { operations } = await atOnce(scheduler, writer.status());
  return { ...operations };
}

/** The answer to a call while nothing else moves time on. */
async function atOnce<T>(scheduler: Scheduler, call: Promise<T>): Promise<T> {
  let isAnswered = false;
  const answer = call.finally(() => {
    isAnswered = true;
  });
  while (!isAnswered) await scheduler.runUntil(scheduler.now + 1);
  return answer;
}

/** About as long as messages in a chat are. */
function textOf(number: number): string {
  return `message ${number}, about as long as those that people send in a chat`;
}

function newTotals(): Totals {
  return {
    repeated: 0,
    afterRemoval: 0,
    gaps: 0,
    polls: 0,
    confirmations: 0,
    opened: 0,
    closedByHub: 0,
    refused: 0,
    frames: 0,
    bytes: 0,
    auditS: 0,
  };
}
