/** The runtime around the rebuilder: incarnations that come and go, calls that get lost, alarms that come late. */

import type { Sync } from "#schema/change";
import type { Comment, StoredComment } from "#schema/comment";
import type { Cursor } from "#schema/cursor";
import type { Found } from "#worker/answers";
import type { Clock } from "#worker/clock";
import type { LedgerKind } from "#worker/ledger/kind";
import { KvLedger } from "#worker/ledger/kv";
import { Operations } from "#worker/operations";
import { Rebuilder } from "#worker/rebuilder";
import type { RebuilderRpc } from "#worker/rebuilder-rpc";
import type { Faults } from "./faults";
import { gated } from "./gate";
import type { Invocation, SimKv } from "./kv";
import type { Random } from "./random";
import type { Scheduler } from "./scheduler";
import { SimStorage, type StorageHandle } from "./storage";
import type { Trace } from "./trace";

/** What the world sees of the object, for the checker. */
export interface ObjectEvents {
  log: (event: string, fields: Record<string, unknown>, incarnation: IncarnationInfo) => void;
  /** An answer as it leaves, and when the object took the question. */
  synced: (sync: Sync, takenAt: number, incarnation: IncarnationInfo) => void;
  noticed: (comment: StoredComment, incarnation: number) => void;
  watched: (isArmed: boolean) => void;
  /** A single comment that was answered, and when the object took the question. */
  told: (found: Found, takenAt: number) => void;
  /** A claim as its answer leaves, granted at `clock` by the object's own. */
  claimed: (comment: Comment, clock: number, takenAt: number) => void;
  /** A bot begins to give a comment back. */
  releasing: (id: string, bot: string) => void;
  /** Before the operation is held back by the output gate. */
  list: (incarnation: number) => void;
  read: (incarnation: number, keys: readonly string[]) => void;
  put: (incarnation: number, key: string, value: string) => void;
}

export interface IncarnationInfo {
  number: number;
  isArmed: boolean;
  /** When its alarm is due, in simulated ms; `null` when none is set. */
  alarmAt: number | null;
  isLiving: boolean;
}

const ALARM_LATE_MAX_MS = 60_000;
const ALARM_RETRY_MS = 2_000;
const ALARM_RETRIES = 6;
const NOTICE_LATE_MAX_MS = 30_000;
const NETWORK_TYPICAL_MS = 30;
const NETWORK_TAIL_MS = 1_500;
const SKEW_MAX_MS = 2_000;

interface Incarnation {
  number: number;
  rebuilder: Rebuilder;
  handle: StorageHandle;
  /** Its machine's clock. */
  now: () => number;
  /** The operations of the event that runs; a new alarm or call starts a new count. */
  invocation: Invocation;
  died: Promise<never>;
  die: (reason: Error) => void;
  /** Rejects once another incarnation has taken its place: an alarm that runs here is run again there. */
  replaced: Promise<never>;
  replace: (reason: Error) => void;
}

interface ObjectParts {
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

export class SimObject {
  readonly #parts: ObjectParts;
  readonly #storage: SimStorage;
  #incarnation: Incarnation | null = null;
  #superseded: Incarnation | null = null;
  #incarnations = 0;
  /** Of every incarnation: one that was superseded may go on. */
  readonly #invocations: Invocation[] = [];
  #downUntil = 0;
  #skew = 0;
  /** When the runtime last took the alarm, to run it or to lose it. */
  #alarmTakenAt = 0;

  constructor(parts: ObjectParts) {
    this.#parts = parts;
    this.#storage = new SimStorage(parts.scheduler, parts.random.fork());
    this.#storage.onAlarm = (at) => this.#deliverAlarm(at);
    this.#storage.onFlush = () => {
      if (parts.faults.happens("killed before durable")) this.kill();
    };
  }

  /** What its storage durably holds. */
  get stored(): Pick<SimStorage, "rows" | "audit" | "messages" | "plant"> {
    return this.#storage;
  }

  /** How many of its lists came back short so far. */
  get shortLists(): number {
    return this.#invocations.reduce((sum, { shortLists }) => sum + shortLists, 0);
  }

  /** Ends the object wherever it is: memory and what was not durable are gone. */
  kill(downMs = 0): void {
    const incarnation = this.#incarnation;
    this.#incarnation = null;
    this.#downUntil = this.#parts.scheduler.now + downMs;
    if (!incarnation) return;
    incarnation.handle.superseded = true;
    incarnation.die(new Error("simulated: the object was reset"));
  }

  /** As a deploy: a new incarnation starts while calls of the old one still run. */
  supersede(): void {
    this.#superseded = this.#incarnation;
    this.#incarnation = null;
  }

  /** Sets the machine's clock back, within its bound. */
  stepBack(): void {
    this.#skew = Math.max(-SKEW_MAX_MS, this.#skew - this.#parts.random.integer(1, SKEW_MAX_MS));
  }

  rpc(): RebuilderRpc {
    const { events, random, scheduler, faults } = this.#parts;
    return {
      sync: async (_wall, since?: Cursor) => {
        const sync = await this.#call(
          (rebuilder) => rebuilder.sync(since),
          (answer, takenAt, incarnation) => events.synced(answer, takenAt, info(incarnation)),
        );
        return JSON.stringify(sync);
      },
      notice: async (_wall, comment) => {
        const tell = () =>
          this.#call(async (rebuilder, { number }) => {
            rebuilder.notice(structuredClone(comment));
            events.noticed(comment, number);
          });
        if (faults.happens("notice duplicated")) {
          const wait = random.integer(1, NOTICE_LATE_MAX_MS);
          scheduler.after(wait, () => void tell().catch(() => {}));
        }
        if (faults.happens("notice late"))
          await scheduler.sleep(random.integer(1, NOTICE_LATE_MAX_MS));
        await tell();
      },
      overlay: (_wall, stretch, listed) =>
        this.#call((rebuilder) => rebuilder.overlay(stretch, listed)),
      find: (_wall, id) => this.#call((rebuilder) => rebuilder.find(id), events.told),
      patch: (_wall, id, processed) =>
        this.#call((rebuilder) => rebuilder.patch(id, processed), events.told),
      claim: (_wall, id, bot, seconds) =>
        this.#call(
          async (rebuilder, { now }) => ({
            claimed: await rebuilder.claim(id, bot, seconds),
            now: now(),
          }),
          ({ claimed, now }, takenAt) => {
            if (claimed.state === "found") events.claimed(claimed.comment, now, takenAt);
          },
        ).then(({ claimed }) => claimed),
      release: (_wall, id, bot) => {
        events.releasing(id, bot);
        return this.#call((rebuilder) => rebuilder.release(id, bot));
      },
      remove: (_wall, id, reason) => this.#call((rebuilder) => rebuilder.remove(id, reason)),
      // Addresses are not simulated.
      removeSender: async () => null,
      pause: (_wall, paused, reason) =>
        this.#call(async (rebuilder) => rebuilder.pause(paused, reason)),
      moderation: () => this.#call(async (rebuilder) => rebuilder.moderation()),
      pending: async (_wall, query) => {
        const read = await this.#call((rebuilder) => rebuilder.pending(query));
        return { rebuiltAt: read.rebuiltAt, text: JSON.stringify(read) };
      },
      accept: (_wall, comment) =>
        this.#call((rebuilder) => rebuilder.accept(structuredClone(comment))),
      bring: (_wall, comments) => this.#call((rebuilder) => rebuilder.bring(comments)),
      // Nobody moves a simulated wall.
      move: () => Promise.reject(new Error("simulated: no move")),
      append: (_wall, draft) => this.#call((rebuilder) => rebuilder.append(structuredClone(draft))),
      history: (_wall, query) => this.#call(async (rebuilder) => rebuilder.history(query)),
      status: async () => ({
        ...(await this.#call((rebuilder) => rebuilder.status())),
        ledger: this.#parts.ledger,
      }),
    };
  }

  /** The cron. */
  async watch(): Promise<void> {
    await this.#call(
      (rebuilder) => rebuilder.watch(),
      (_, takenAt, { handle, rebuilder }) => {
        const isArmed = handle.hasAlarm || this.#alarmTakenAt >= takenAt;
        this.#parts.events.watched(isArmed || rebuilder.isAtRest);
      },
    );
  }

  /** A call over the network: there, through the output gate, and back. */
  async #call<T>(
    ask: (rebuilder: Rebuilder, incarnation: Incarnation) => Promise<T>,
    answered: (value: T, takenAt: number, incarnation: Incarnation) => void = () => {},
  ): Promise<T> {
    const { scheduler, faults } = this.#parts;
    await this.#network();
    if (faults.happens("call lost")) throw new Error("simulated: call lost");
    const incarnation = this.#start();
    const takenAt = scheduler.now;
    // What the object answers must be durable before it leaves; a kill in between takes it along.
    const work = (async () => {
      const value = await ask(incarnation.rebuilder, incarnation);
      await incarnation.handle.flushed();
      return value;
    })();
    const value = await Promise.race([work, incarnation.died]);
    if (!incarnation.handle.superseded) answered(value, takenAt, incarnation);
    await this.#network();
    if (faults.happens("answer lost")) throw new Error("simulated: answer lost");
    return structuredClone(value);
  }

  #start(): Incarnation {
    if (this.#parts.scheduler.now < this.#downUntil)
      throw new Error("simulated: the object is restarting");
    this.#incarnation ??= this.#incarnate();
    this.#incarnation.invocation.operations = 0;
    return this.#incarnation;
  }

  #incarnate(): Incarnation {
    const { scheduler, random, kv, location, events, faults, wall, trace } = this.#parts;
    this.#incarnations += 1;
    const number = this.#incarnations;
    trace?.add(`the object starts, incarnation ${number}`, { always: true });
    const handle = this.#storage.open();
    this.#superseded?.replace(new Error("simulated: superseded"));
    this.#superseded = null;
    // Each incarnation may run on another machine, whose clock differs.
    this.#skew = random.integer(-SKEW_MAX_MS, SKEW_MAX_MS);
    const now = () => scheduler.now + this.#skew;
    const [died, die] = rejectable();
    const [replaced, replace] = rejectable();
    const head = handle.head() ?? { wall, store: storeName(random), birth: now() };
    if (!handle.head()) handle.create(head);
    const operations = new Operations();
    const invocation = { operations: 0, shortLists: 0 };
    this.#invocations.push(invocation);
    const binding = gated(kv.at(location, invocation), handle, {
      list: () => events.list(number),
      read: (keys) => events.read(number, keys),
      put: (key, value) => events.put(number, key, value),
      waiting: () => {
        if (!handle.superseded && faults.happens("killed while waiting for kv")) this.kill();
      },
    });
    const clock: Clock = { now, sleep: (ms, signal) => scheduler.sleep(ms, signal) };
    const ledger = new KvLedger(binding, wall, operations, clock);
    const rebuilder = new Rebuilder({
      head,
      clock,
      ledger,
      ...(this.#parts.ledger === "sqlite" && { messages: handle }),
      spare: ledger,
      journal: handle,
      moderation: handle,
      alarm: {
        get: async () => {
          const at = await handle.alarm.get();
          return at === null ? null : at + this.#skew;
        },
        set: (time) => handle.alarm.set(time - this.#skew),
      },
      operations,
      meter: { rebuilt: () => {}, failed: () => {} },
      log: (event, fields = {}) => {
        trace?.add(`incarnation ${number}: ${event} ${words(fields)}`, {
          always: isTelling(event),
        });
        events.log(event, fields, {
          number,
          isArmed: handle.isArmed,
          alarmAt: handle.alarmAt,
          isLiving: !handle.superseded,
        });
      },
      version: "sim",
    });
    return { number, rebuilder, handle, now, invocation, died, die, replaced, replace };
  }

  #deliverAlarm(at: number): void {
    const { scheduler, random, faults } = this.#parts;
    if (faults.happens("alarm never")) {
      this.#clearAlarm({ isLost: true });
      return;
    }
    let late = random.integer(0, 5);
    if (faults.happens("alarm late")) late = random.integer(100, ALARM_LATE_MAX_MS);
    const deliver = () => {
      // Set anew meanwhile: another delivery is under way.
      if (this.#storage.alarm !== at) return;
      this.#clearAlarm({ isLost: false });
      void this.#runAlarm(0);
      if (faults.happens("alarm twice"))
        scheduler.after(random.integer(0, 100), () => void this.#runAlarm(0));
    };
    scheduler.after(at + late - scheduler.now, deliver);
  }

  #clearAlarm({ isLost }: { isLost: boolean }): void {
    this.#alarmTakenAt = this.#parts.scheduler.now;
    this.#incarnation?.handle.clearAlarm(this.#storage.alarm, isLost);
    this.#storage.clearAlarm();
  }

  async #runAlarm(tries: number): Promise<void> {
    const { scheduler } = this.#parts;
    try {
      const incarnation = this.#start();
      const { rebuilder, died, replaced } = incarnation;
      await Promise.race([rebuilder.tick(), died, replaced]);
    } catch {
      if (tries >= ALARM_RETRIES) return;
      scheduler.after(ALARM_RETRY_MS * 2 ** tries, () => void this.#runAlarm(tries + 1));
    }
  }

  #network(): Promise<void> {
    const { scheduler, random } = this.#parts;
    return scheduler.sleep(random.delay(NETWORK_TYPICAL_MS, NETWORK_TAIL_MS));
  }
}

function rejectable(): [Promise<never>, (reason: Error) => void] {
  let reject: (reason: Error) => void = () => {};
  const promise = new Promise<never>((_, refuse) => {
    reject = refuse;
  });
  promise.catch(() => {});
  return [promise, reject];
}

function info({ number, handle }: Incarnation): IncarnationInfo {
  const { isArmed, alarmAt, superseded } = handle;
  return { number, isArmed, alarmAt, isLiving: !superseded };
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
