/** The runtime around the rebuilder: incarnations that come and go, calls that get lost, alarms that come late. */

import type { Sync } from "#schema/change";
import type { Cursor } from "#schema/cursor";
import type { RebuilderRpc } from "#worker/comments";
import { type KvBinding, KvLedger } from "#worker/ledger/kv";
import { Operations } from "#worker/operations";
import { Rebuilder } from "#worker/rebuilder";
import type { Random } from "./random";
import type { Scheduler } from "./scheduler";
import { SimStorage, type StorageHandle } from "./storage";

export interface ObjectFaults {
  /** For each call: it never arrives. */
  callLost: number;
  /** For each call: it takes effect, its answer is lost. */
  answerLost: number;
  noticeDuplicated: number;
  /** For each alarm. */
  alarmLate: number;
  alarmTwice: number;
  alarmNever: number;
}

export interface ObjectEvents {
  log: (event: string, fields: Record<string, unknown>, incarnation: number) => void;
  sync: (sync: Sync, askedAt: number) => void;
  put: (incarnation: number, key: string) => void;
}

const ALARM_LATE_MAX_MS = 60_000;
const ALARM_RETRY_MS = 2_000;
const NETWORK_TYPICAL_MS = 30;
const NETWORK_TAIL_MS = 1_500;
const SKEW_MAX_MS = 2_000;

interface Incarnation {
  number: number;
  rebuilder: Rebuilder;
  handle: StorageHandle;
  died: Promise<never>;
  die: (reason: Error) => void;
}

interface ObjectParts {
  scheduler: Scheduler;
  random: Random;
  kv: KvBinding;
  faults: ObjectFaults;
  events: ObjectEvents;
  wall: string;
}

export class SimObject {
  readonly #parts: ObjectParts;
  readonly #storage: SimStorage;
  readonly injected = new Map<string, number>();
  #incarnation: Incarnation | null = null;
  #incarnations = 0;
  #downUntil = 0;

  constructor(parts: ObjectParts) {
    this.#parts = parts;
    this.#storage = new SimStorage(parts.scheduler, parts.random.fork());
    this.#storage.onAlarm = (at) => this.#deliverAlarm(at);
  }

  /** Ends the object wherever it is: memory and what was not durable are gone. */
  kill(kind: string, downMs = 0): void {
    this.#count(kind);
    const incarnation = this.#incarnation;
    this.#incarnation = null;
    this.#downUntil = this.#parts.scheduler.now + downMs;
    if (!incarnation) return;
    incarnation.handle.superseded = true;
    incarnation.die(new Error("simulated: the object was reset"));
  }

  /** As a deploy: a new incarnation starts while calls of the old one still run. */
  supersede(): void {
    this.#count("superseded");
    this.#incarnation = null;
  }

  rpc(): RebuilderRpc {
    const { events, random, scheduler } = this.#parts;
    return {
      sync: async (_wall, since?: Cursor) => {
        const askedAt = scheduler.now;
        const sync = await this.#call(
          (rebuilder) => rebuilder.sync(since),
          (answer) => events.sync(answer, askedAt),
        );
        return JSON.stringify(sync);
      },
      notice: async (_wall, comment) => {
        const tell = () =>
          this.#call(async (rebuilder) => rebuilder.notice(structuredClone(comment)));
        if (random.chance(this.#parts.faults.noticeDuplicated)) {
          this.#count("notice duplicated");
          const wait = random.integer(1, 30_000);
          scheduler.after(wait, () => void tell().catch(() => {}));
        }
        await tell();
      },
      find: (_wall, id) => this.#call((rebuilder) => rebuilder.find(id)),
      patch: (_wall, id, processed) => this.#call((rebuilder) => rebuilder.patch(id, processed)),
      status: async () => ({ ...(await this.#call((r) => r.status())), ledger: "kv" as const }),
    };
  }

  /** The cron. */
  watch(): Promise<void> {
    return this.#call((rebuilder) => rebuilder.watch());
  }

  /** A call over the network: there, through the output gate, and back. */
  async #call<T>(
    ask: (rebuilder: Rebuilder) => Promise<T>,
    answered: (value: T) => void = () => {},
  ): Promise<T> {
    const { random, faults } = this.#parts;
    await this.#network();
    if (random.chance(faults.callLost)) throw this.#fault("call lost");
    const incarnation = this.#start();
    // What the object answers must be durable before it leaves; a kill in between takes it along.
    const work = (async () => {
      const value = await ask(incarnation.rebuilder);
      await incarnation.handle.flushed();
      return value;
    })();
    const value = await Promise.race([work, incarnation.died]);
    if (!incarnation.handle.superseded) answered(value);
    await this.#network();
    if (random.chance(faults.answerLost)) throw this.#fault("answer lost");
    return structuredClone(value);
  }

  #start(): Incarnation {
    const { scheduler, random, kv, events, wall } = this.#parts;
    if (scheduler.now < this.#downUntil) throw new Error("simulated: the object is restarting");
    if (this.#incarnation) return this.#incarnation;
    this.#incarnations += 1;
    const number = this.#incarnations;
    const handle = this.#storage.open();
    // Each incarnation may run on another machine, whose clock differs.
    const skew = random.integer(-SKEW_MAX_MS, SKEW_MAX_MS);
    const now = () => scheduler.now + skew;
    let die: (reason: Error) => void = () => {};
    const died = new Promise<never>((_, reject) => {
      die = reject;
    });
    died.catch(() => {});
    const head = handle.head() ?? { wall, store: storeName(random), birth: now() };
    if (!handle.head()) handle.create(head);
    const operations = new Operations();
    const ledger = new KvLedger(
      gated(kv, handle, (key) => events.put(number, key)),
      wall,
      operations,
    );
    const rebuilder = new Rebuilder({
      head,
      clock: { now, sleep: (ms) => scheduler.sleep(ms) },
      ledger,
      spare: ledger,
      journal: handle,
      alarm: {
        get: async () => {
          const at = await handle.alarm.get();
          return at === null ? null : at + skew;
        },
        set: (time) => handle.alarm.set(time - skew),
      },
      operations,
      log: (event, fields = {}) => events.log(event, fields, number),
      version: "sim",
    });
    this.#incarnation = { number, rebuilder, handle, died, die };
    return this.#incarnation;
  }

  #deliverAlarm(at: number): void {
    const { scheduler, random, faults } = this.#parts;
    if (random.chance(faults.alarmNever)) {
      this.#count("alarm never");
      this.#storage.clearAlarm();
      return;
    }
    let late = random.integer(0, 5);
    if (random.chance(faults.alarmLate)) {
      this.#count("alarm late");
      late = random.integer(100, ALARM_LATE_MAX_MS);
    }
    const deliver = () => {
      // Set anew meanwhile: another delivery is under way.
      if (this.#storage.alarm !== at) return;
      this.#storage.clearAlarm();
      void this.#runAlarm(0);
      if (!random.chance(faults.alarmTwice)) return;
      this.#count("alarm twice");
      scheduler.after(random.integer(0, 100), () => void this.#runAlarm(0));
    };
    scheduler.after(at + late - scheduler.now, deliver);
  }

  async #runAlarm(tries: number): Promise<void> {
    const { scheduler } = this.#parts;
    try {
      const incarnation = this.#start();
      await Promise.race([incarnation.rebuilder.tick(), incarnation.died]);
    } catch {
      if (tries >= 6) return;
      scheduler.after(ALARM_RETRY_MS * 2 ** tries, () => void this.#runAlarm(tries + 1));
    }
  }

  #network(): Promise<void> {
    const { scheduler, random } = this.#parts;
    return scheduler.sleep(random.delay(NETWORK_TYPICAL_MS, NETWORK_TAIL_MS));
  }

  #fault(kind: string): Error {
    this.#count(kind);
    return new Error(`simulated: ${kind}`);
  }

  #count(kind: string): void {
    this.injected.set(kind, (this.injected.get(kind) ?? 0) + 1);
  }
}

/** The output gate: nothing leaves the object before what it wrote is durable; nothing at all once it is dead. */
function gated(kv: KvBinding, handle: StorageHandle, onPut: (key: string) => void): KvBinding {
  const never = new Promise<never>(() => {});
  const gate = async () => {
    await handle.flushed();
    if (handle.superseded) await never;
  };
  return {
    put: async (key, value) => {
      onPut(key);
      await gate();
      await kv.put(key, value);
      if (handle.superseded) await never;
    },
    get: (async (keys: string[]) => {
      await gate();
      const values = await kv.get(keys);
      if (handle.superseded) await never;
      return values;
    }) as KvBinding["get"],
    list: async (options) => {
      await gate();
      const page = await kv.list(options);
      if (handle.superseded) await never;
      return page;
    },
  };
}

function storeName(random: Random): string {
  return Array.from({ length: 8 }, () => random.integer(0, 35).toString(36)).join("");
}
