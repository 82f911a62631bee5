/** One incarnation of the Durable Object: the shipped object, on its machine's clock and on storage that may reject writes. */

import type { Sync } from "#schema/change";
import type { Comment, StoredComment } from "#schema/comment";
import type { Accepted, Found } from "#worker/contract/answers";
import type { LedgerKind } from "#worker/ledger/kind";
import { CacheRebuilder } from "#worker/writer/object";
import type { ObjectSockets } from "#worker/writer/surroundings";
import type { Writer } from "#worker/writer/writer";
import type { Random } from "../../scripts/command/random.mjs";
import type { Faults } from "../faults";
import type { Trace } from "../trace";
import { gated } from "./gate";
import type { Invocation, SimKv } from "./kv";
import type { Scheduler } from "./scheduler";
import type { SimHost, SocketEvents } from "./sockets";
import type { StorageHandle } from "./storage";

const SKEW_MAX_MS = 2_000;

/** A rebuild that began when the storage rejected a write has ended after this time. */
const REFUSAL_MATTERS_MS = 10_000;

/** The object's events, for the checkers. */
export interface ObjectEvents extends SocketEvents {
  log: (event: string, fields: Record<string, unknown>, incarnation: IncarnationInfo) => void;
  /** An isolate at this place asks the object for changes. */
  asked: (place: string) => void;
  /** An answer as it leaves, and when the object took the request. */
  synced: (sync: Sync, takenAt: number, incarnation: IncarnationInfo) => void;
  noticed: (comment: StoredComment, incarnation: number) => void;
  watched: (isArmed: boolean) => void;
  /** A single comment that was answered, and when the object took the request. */
  told: (found: Found, takenAt: number) => void;
  /** A message that was accepted, or was known already. */
  appended: (accepted: Accepted, takenAt: number) => void;
  /** A claim as its answer leaves, granted at `clock` by the object's own clock. */
  claimed: (comment: Comment, clock: number, takenAt: number) => void;
  /** A bot begins to release a comment. */
  releasing: (id: string, bot: string) => void;
  /** Before the output gate holds the operation back. */
  list: (incarnation: number) => void;
  read: (incarnation: number, keys: readonly string[], found: readonly string[]) => void;
  put: (incarnation: number, key: string, value: string) => void;
  /** A rebuilder was opened over the journal: by a start, or by the end of a move. */
  opened: (incarnation: number) => void;
  /** The object's clock was set. Before that it showed at most `latest`, in ms. */
  clockSet: (latest: number) => void;
  /** A volume of messages was dropped for lack of room. */
  dropped: (ids: readonly string[]) => void;
}

export interface IncarnationInfo {
  number: number;
  isArmed: boolean;
  /** An alarm runs, which the runtime repeats if it is interrupted. */
  isInAlarm: boolean;
  /** When its alarm is due, in simulated ms; `null` when none is set. */
  alarmAt: number | null;
  isLiving: boolean;
  /** Its storage rejects writes, or did a moment ago; it rejects setting the alarm, too. */
  isRefused: boolean;
}

export interface ObjectParts {
  scheduler: Scheduler;
  random: Random;
  kv: SimKv;
  location: string;
  faults: Faults;
  trace: Trace | null;
  events: ObjectEvents;
  wall: string;
  ledger: LedgerKind;
}

export interface Incarnation {
  number: number;
  object: CacheRebuilder;
  /** The rebuilder that it opened last; `null` before the first call. */
  rebuilder: () => Writer | null;
  handle: StorageHandle;
  /** Its machine's clock. */
  now: () => number;
  /** The operations of the event that runs; a new alarm or call starts a new count. */
  invocation: Invocation;
  info: () => IncarnationInfo;
  /** Whether nothing runs, waits for a timer, or waits to be durable. */
  isIdle: () => boolean;
  /** Counts this work as running until it ends. */
  busy: <T>(work: Promise<T>) => Promise<T>;
  died: Promise<never>;
  die: (reason: Error) => void;
  /** Rejects once another incarnation has taken its place: an alarm that runs here is run again there. */
  replaced: Promise<never>;
  replace: (reason: Error) => void;
}

/** The clock of the object's machine. Alarms are set by it, too. */
export class MachineClock {
  readonly #scheduler: Scheduler;
  readonly #random: Random;
  skew = 0;
  /** How far it runs ahead, beyond the normal error. */
  aheadMs = 0;

  constructor(scheduler: Scheduler, random: Random) {
    this.#scheduler = scheduler;
    this.#random = random;
  }

  now(): number {
    return this.#scheduler.now + this.skew + this.aheadMs;
  }

  /** Each incarnation may run on another machine, whose clock differs. */
  change(): void {
    this.skew = this.#random.integer(-SKEW_MAX_MS, SKEW_MAX_MS);
  }

  /** Sets it back, within its bound. */
  stepBack(): void {
    this.skew = Math.max(-SKEW_MAX_MS, this.skew - this.#random.integer(1, SKEW_MAX_MS));
  }
}

interface Start {
  number: number;
  handle: StorageHandle;
  clock: MachineClock;
  sockets: SimHost;
  /** When the storage rejected a write last, in simulated ms. */
  refusedAt: () => number;
  kill: () => void;
}

export function incarnate(parts: ObjectParts, start: Start): Incarnation {
  const { scheduler, random, kv, location, events, faults, trace } = parts;
  const { number, handle, clock } = start;
  clock.change();
  const now = () => clock.now();
  const [died, die] = rejectable();
  const [replaced, replace] = rejectable();
  const invocation: Invocation = { operations: 0, shortLists: 0 };
  const info = () => {
    const { isArmed, alarmAt, alarmsRunning, superseded } = handle;
    const isRefused = scheduler.now - start.refusedAt() <= REFUSAL_MATTERS_MS;
    return {
      number,
      isArmed,
      isInAlarm: alarmsRunning > 0,
      alarmAt,
      isLiving: !superseded,
      isRefused,
    };
  };
  const binding = gated(kv.at(location, invocation), handle, {
    list: () => events.list(number),
    read: (keys, found) => events.read(number, keys, found),
    put: (key, value) => events.put(number, key, value),
    waiting: () => {
      if (!handle.superseded && faults.happens("killed while waiting for kv")) start.kill();
    },
  });
  const log =
    () =>
    (event: string, fields: Record<string, unknown> = {}) => {
      trace?.add(`incarnation ${number}: ${event} ${words(fields)}`, {
        always: isTelling(event),
      });
      events.log(event, fields, info());
    };
  const ctx = { storage: facade(handle, clock) } as unknown as DurableObjectState;
  const env = { LEDGER_KV: binding as unknown as KVNamespace, LEDGER: parts.ledger };
  let opened: Writer | null = null;
  let running = 0;
  const busy = async <T>(work: Promise<T>): Promise<T> => {
    running += 1;
    try {
      return await work;
    } finally {
      running -= 1;
    }
  };
  const sleep = (ms: number, signal?: AbortSignal) => {
    if (signal?.aborted) return new Promise<void>(() => {});
    running += 1;
    const ended = () => {
      running -= 1;
    };
    signal?.addEventListener("abort", ended, { once: true });
    return scheduler.sleep(ms, signal).then(() => {
      signal?.removeEventListener("abort", ended);
      ended();
    });
  };
  const object = new CacheRebuilder(
    ctx,
    { ...env, VERSION: "sim" },
    {
      clock: { now, sleep },
      sockets: () => start.sockets as unknown as ObjectSockets,
      log,
      rebuilderLog: log,
      newStoreName: () => storeName(random),
      opened: (rebuilder) => {
        opened = rebuilder;
        events.opened(number);
      },
    },
  );
  const rebuilder = () => opened;
  return {
    number,
    object,
    rebuilder,
    handle,
    now,
    invocation,
    info,
    isIdle: () => running === 0 && !handle.isFlushing,
    busy,
    died,
    die,
    replaced,
    replace,
  };
}

/** The storage, with the alarm by the machine's clock. */
export function facade(handle: StorageHandle, clock: MachineClock) {
  return {
    sql: handle.sql,
    transactionSync: <T>(work: () => T) => handle.transactionSync(work),
    deleteAll: () => handle.deleteAll(),
    getAlarm: async () => {
      const at = await handle.alarm.get();
      return at === null ? null : at + clock.skew;
    },
    setAlarm: (time: number) => handle.alarm.set(time - clock.skew),
  };
}

function rejectable(): [Promise<never>, (reason: Error) => void] {
  let reject: (reason: Error) => void = () => {};
  const promise = new Promise<never>((_, refuse) => {
    reject = refuse;
  });
  promise.catch(() => {});
  return [promise, reject];
}

function isTelling(event: string): boolean {
  return event !== "cache rebuilt";
}

function words(fields: Record<string, unknown>): string {
  return Object.entries(fields)
    .map(
      ([name, value]) =>
        `${name}=${value instanceof Error ? value.message : JSON.stringify(value)}`,
    )
    .join(" ");
}

function storeName(random: Random): string {
  return Array.from({ length: 8 }, () => random.integer(0, 35).toString(36)).join("");
}
