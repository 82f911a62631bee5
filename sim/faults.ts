/** What goes wrong in a simulated world, each fault by its name and how likely it is. */
import type { Random } from "./random";
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
  // Calls to the object, and what a client loses of its own.
  "call lost": 0.03,
  "answer lost": 0.03,
  "client left": 0.02,
  "answer to a client lost": 0.05,
  "notice late": 0.05,
  "notice duplicated": 0.05,
  // The alarm, for each delivery.
  "alarm late": 0.02,
  "alarm twice": 0.03,
  "alarm never": 0.01,
  // Where the object waits: for KV, or for its storage to be durable.
  "killed while waiting for kv": 0.002,
  "killed before durable": 0.002,
  // From the outside, now and then.
  killed: 1,
  "killed and away": 1,
  superseded: 1,
  "isolate restarted": 1,
  "clock stepped": 1,
  "cron missed": 0.1,
  "cron twice": 0.1,
  "foreign key": 1,
  "corrupt value": 1,
  "kv puts refused for a while": 0.3,
} as const;

export type Fault = keyof typeof CHANCES;

/** Not drawn but met: what the stores' lag makes of a read, counted with the faults. */
export type Lag = "stale read" | "missing by a stale read" | "list without a stored key";

export class Faults {
  readonly injected = new Map<Fault | Lag, number>();
  readonly #random: Random;
  readonly #level: number;
  readonly #without: ReadonlySet<Fault>;
  readonly #trace: Trace | null;
  #over = false;

  /** `level` multiplies every chance; the kinds in `without` are drawn all the same, but never happen. */
  constructor(random: Random, level: number, without: ReadonlySet<Fault>, trace: Trace | null) {
    this.#random = random;
    this.#level = level;
    this.#without = without;
    this.#trace = trace;
  }

  happens(fault: Fault): boolean {
    const drawn = this.#random.next() < CHANCES[fault] * this.#level;
    if (!drawn || this.#over || this.#without.has(fault)) return false;
    this.met(fault);
    return true;
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
