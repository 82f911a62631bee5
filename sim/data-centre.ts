/**
 * Isolates of one data centre that poll one wall, over virtual time: how often they ask the writer, and how fresh
 * their answers are.
 */
import type { Sync } from "#schema/change";
import type { Cursor } from "#schema/cursor";
import { makeId } from "#schema/id";
import { CHANGE_LOG_SIZE } from "#schema/limits";
import { WallView } from "#schema/view/wall-view";
import { Asker } from "#worker/contract/asker";
import type { WriterCalls } from "#worker/contract/writer-calls";
import { Refresher } from "#worker/entrypoint/replica/refresher";
import { Replica } from "#worker/entrypoint/replica/replica";
import type { SharedCache } from "#worker/entrypoint/replica/shared-wall";
import { Random } from "../scripts/command/random.mjs";
import { Scheduler } from "./platform/scheduler";

const START = Date.UTC(2026, 0, 1);
const CACHE_MATCH_MS = 5;
const CACHE_PUT_MS = 5;
const POLL_MS = 5_000;

export interface DataCentreOptions {
  isolates: number;
  /** Polls per isolate, and changes of the wall, per second. */
  polls: number;
  changes: number;
  /** Removals of the newest message, per second, besides these changes. */
  removals?: number;
  /** Reads by a stranger, per second, with a cursor that is this many changes old. */
  oldReads?: { perSecond: number; behind: number };
  /** Round trip to the writer, in ms. */
  writerMs: number;
  /** Measured time, in ms. */
  ms: number;
  /** Time before the measurement, in ms, in which every isolate starts. */
  warmUpMs?: number;
  seed?: number;
  cache?: "works" | "fails" | "hangs";
  /** Called at each question; if it throws, the question fails. */
  onQuestion?: (now: number) => void;
  /** Collects the cache's keys. */
  keys?: Set<string>;
}

export interface DataCentreReport {
  questionsPerSecond: number;
  /** Most questions under way at once in one isolate. */
  atOnce: number;
  /** Greatest age of a change, in ms, when a read came that missed it. */
  staleMs: number;
  /** How long a read waited, at most and on average, in ms. */
  waitMaxMs: number;
  waitMeanMs: number;
  spareReads: number;
  reads: number;
}

export async function runDataCentre(options: DataCentreOptions): Promise<DataCentreReport> {
  const { isolates, polls, changes, writerMs, ms, warmUpMs = 10_000 } = options;
  const { seed = 1, cache = "works", removals = 0, oldReads } = options;
  const scheduler = new Scheduler(START);
  const random = new Random(seed);
  const clock = {
    now: () => scheduler.now,
    sleep: (pause: number, signal?: AbortSignal) => scheduler.sleep(pause, signal),
  };

  // The writer, and when each of its changes was made.
  const source = new WallView("teststor", 1_000_000);
  const madeAt: number[] = [];
  const change = () => {
    const id = makeId(scheduler.now, source.sequence.toString(36).padStart(10, "0"));
    const words = { text: "a few words of somebody", username: "somebody", color: "#aabbcc" };
    const comment = {
      id,
      timestamp: scheduler.now,
      ...words,
      type: "human" as const,
      botParams: {},
    };
    source.apply({ sequence: source.sequence + 1, comment });
    madeAt[source.sequence] = scheduler.now;
  };
  const keepChanging = () => {
    change();
    scheduler.after(1_000 / changes, keepChanging);
  };
  const keepRemoving = () => {
    const [newest] = source.window;
    if (newest) source.apply({ sequence: source.sequence + 1, removed: newest.id });
    madeAt[source.sequence] = scheduler.now;
    scheduler.after(1_000 / removals, keepRemoving);
  };
  // Full, so that each further change drops one.
  for (let count = 0; count < CHANGE_LOG_SIZE; count += 1) change();
  if (changes > 0) keepChanging();
  if (removals > 0) keepRemoving();

  let questions = 0;
  const sync = async (since?: { store: string; sequence: number }) => {
    options.onQuestion?.(scheduler.now);
    questions += 1;
    await scheduler.sleep(writerMs / 2);
    const { store, sequence, floor } = source;
    const head: Sync = { store, sequence, floor, rebuiltAt: scheduler.now, ledger: "kv" };
    const text = JSON.stringify(
      since && since.sequence >= floor
        ? { ...head, changes: source.logSince(since.sequence) }
        : { ...head, window: [...source.window] },
    );
    await scheduler.sleep(writerMs / 2);
    return text;
  };

  const entries = new Map<string, { text: string; until: number }>();
  const never = new Promise<never>(() => {});
  const spoilt = async () => {
    if (cache === "fails") throw new Error("simulated: the cache fails");
    if (cache === "hangs") await never;
  };
  const shared: SharedCache = {
    get: async (key) => {
      await spoilt();
      await scheduler.sleep(CACHE_MATCH_MS);
      const entry = entries.get(key);
      return entry && entry.until > scheduler.now ? entry.text : null;
    },
    put: async (key, text, lifetimeMs) => {
      options.keys?.add(key);
      await spoilt();
      await scheduler.sleep(CACHE_PUT_MS);
      entries.set(key, { text, until: scheduler.now + lifetimeMs });
    },
  };

  let atOnce = 0;
  const all = Array.from({ length: isolates }, () => {
    let open = 0;
    const counted = async (since?: { store: string; sequence: number }) => {
      open += 1;
      atOnce = Math.max(atOnce, open);
      try {
        return await sync(since);
      } finally {
        open -= 1;
      }
    };
    const rebuilder = { sync: (since?: never) => counted(since) };
    const replica = new Replica();
    const refresher = new Refresher({
      wall: "main",
      clock,
      spare: { publish: async () => {}, readSpare: async () => null },
      asker: new Asker(clock, () => rebuilder as unknown as WriterCalls),
      replica,
      shared,
      background: () => {},
      log: () => {},
      random: () => random.next(),
    });
    return { replica, refresher };
  });

  let isMeasured = false;
  const waits: number[] = [];
  let staleMs = 0;
  let spareReads = 0;
  // The cursor of each page. Pages poll in turn, each at any isolate, and after `POLL_MS` again.
  const cursors: (Cursor | undefined)[] = Array(Math.ceil((isolates * polls * POLL_MS) / 1_000));
  let turn = 0;
  const poll = async ({ replica, refresher }: (typeof all)[number]) => {
    const cameAt = scheduler.now;
    const page = turn++ % cursors.length;
    const since = cursors[page];
    await refresher.refresh(since ? { since, limit: 500 } : { limit: 500 });
    if (replica.view && !(since && since.sequence > replica.view.sequence))
      cursors[page] = replica.view.cursor;
    if (!isMeasured) return;
    waits.push(scheduler.now - cameAt);
    if (replica.isSpare) spareReads += 1;
    const missed = madeAt[(replica.view?.sequence ?? 0) + 1];
    if (missed !== undefined) staleMs = Math.max(staleMs, cameAt - missed);
  };
  for (const isolate of all) {
    const keepPolling = () => {
      void poll(isolate);
      scheduler.after((-Math.log(1 - random.next()) * 1_000) / polls, keepPolling);
    };
    scheduler.after(random.next() * 1_000, keepPolling);
  }

  const keepReading = ({ perSecond, behind }: NonNullable<typeof oldReads>) => {
    const sequence = source.sequence - behind;
    void random.pick(all).refresher.refresh({ since: { store: source.store, sequence }, limit: 1 });
    scheduler.after(1_000 / perSecond, () => keepReading({ perSecond, behind }));
  };
  if (oldReads) keepReading(oldReads);

  await scheduler.runUntil(START + warmUpMs);
  isMeasured = true;
  questions = 0;
  atOnce = 0;
  await scheduler.runUntil(START + warmUpMs + ms);
  return {
    questionsPerSecond: questions / (ms / 1_000),
    atOnce,
    staleMs,
    waitMaxMs: Math.max(0, ...waits),
    waitMeanMs: waits.reduce((sum, wait) => sum + wait, 0) / Math.max(1, waits.length),
    spareReads,
    reads: waits.length,
  };
}
