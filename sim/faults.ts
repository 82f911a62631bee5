/** Faults of a simulated world, by name, with their chances. */
import type { Random } from "../scripts/command/random.mjs";
import type { Trace } from "./trace";

/** The chance of each fault where it can happen, in a world of level 1. */
const CHANCES = {
  // Workers KV, for each operation.
  "kv put failed": 0.02,
  "kv put failed, yet took effect": 0.02,
  "kv put took effect late": 0.02,
  "kv read failed": 0.02,
  "kv list failed": 0.03,
  "kv list came back short": 0.03,
  "kv call hangs": 0.001,
  // Calls to the object, and what a client loses of its own.
  "call lost": 0.03,
  "answer lost": 0.03,
  "client left": 0.02,
  "answer to a client lost": 0.05,
  "notice late": 0.05,
  "notice duplicated": 0.05,
  "object overloaded": 0.01,
  "call to be tried again": 0.02,
  // The object's storage, for each row written.
  "storage write failed": 0.004,
  // The data centre's cache, for each operation.
  "shared cache failed": 0.01,
  "shared cache hangs": 0.003,
  // The alarm, for each delivery.
  "alarm late": 0.02,
  "alarm twice": 0.03,
  "alarm never": 0.01,
  // While the object waits for KV, or for its storage to be durable.
  "killed while waiting for kv": 0.002,
  "killed before durable": 0.002,
  // The live channel: for each opening, and for each message of either side.
  "live channel refused": 0.1,
  "live channel opens late": 0.05,
  "frame lost": 0.01,
  "frame late": 0.01,
  "frame twice": 0.01,
  "frames held up": 0.005,
  "page stops reading": 0.003,
  "message to the wall lost": 0.02,
  "connection dropped": 0.005,
  "connection half open": 0.005,
  "wall silent on a connection": 0.005,
  "close lost": 0.1,
  // From the outside, now and then.
  killed: 1,
  "killed and away": 1,
  superseded: 1,
  hibernated: 1,
  "connections dropped": 0.5,
  "isolate restarted": 1,
  "clock stepped": 1,
  "cron missed": 0.1,
  "cron twice": 0.1,
  "foreign key": 1,
  "corrupt value": 1,
  "kv puts refused for a while": 0.3,
  "storage full for a while": 0.3,
  "object's clock far ahead": 0.2,
  "entrypoints' clock far ahead": 0.2,
  // Actions of people, bots and admins beside writing and reading, each time that they may act.
  "crowd at one place": 0.1,
  "nonce sent again late": 0.1,
  "nonce sent again a day later": 1,
  "removed message's nonce sent by a stranger": 0.3,
  "removal undone": 0.3,
  "flag taken back": 0.1,
  "own message taken down": 0.08,
  "posting paused": 0.1,
  "sender's messages removed": 0.1,
  "messages imported": 0.3,
  "huge messages imported": 0.05,
  "moved to sqlite": 0.25,
} as const;

export type Fault = keyof typeof CHANCES;

/** Actions that are no faults, and continue when the faults are over. */
const ACTIONS: ReadonlySet<Fault> = new Set<Fault>([
  "nonce sent again late",
  "nonce sent again a day later",
  "removed message's nonce sent by a stranger",
  "removal undone",
  "flag taken back",
  "own message taken down",
  "posting paused",
  "sender's messages removed",
  "messages imported",
  "huge messages imported",
  "moved to sqlite",
]);

/** Not drawn but met: what the stores' lag makes of a read, counted with the faults. */
export type Lag = "stale read" | "missing by a stale read" | "list without a stored key";

export class Faults {
  readonly injected = new Map<Fault | Lag, number>();
  readonly #random: Random;
  readonly #level: number;
  readonly #without: ReadonlySet<Fault>;
  readonly #trace: Trace | null;
  #over = false;

  /**
   * `level` multiplies the chance of whatever goes wrong, not of what people do; the kinds in `without` are drawn
   * all the same, but never happen.
   */
  constructor(random: Random, level: number, without: ReadonlySet<Fault>, trace: Trace | null) {
    this.#random = random;
    this.#level = level;
    this.#without = without;
    this.#trace = trace;
  }

  happens(fault: Fault): boolean {
    const isDeed = ACTIONS.has(fault);
    const drawn = this.#random.next() < CHANCES[fault] * (isDeed ? 1 : this.#level);
    if (!drawn || (this.#over && !isDeed) || this.#without.has(fault)) return false;
    this.met(fault);
    return true;
  }

  /** How often it happened. */
  count(fault: Fault): number {
    return this.injected.get(fault) ?? 0;
  }

  met(fault: Fault | Lag): void {
    this.injected.set(fault, (this.injected.get(fault) ?? 0) + 1);
    this.#trace?.add(`fault: ${fault}`, { always: isFault(fault) });
  }

  /** From now on nothing more goes wrong. */
  end(): void {
    this.#over = true;
    this.#trace?.add("the faults are over", { always: true });
  }
}

export const FAULTS = Object.keys(CHANCES) as Fault[];

function isFault(kind: Fault | Lag): boolean {
  return kind in CHANCES;
}
