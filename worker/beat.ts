/**
 * When the wall is rebuilt: by the alarm every 3 seconds, by the cron when the alarm was lost, and by
 * whoever finds the cache late. One rebuild at a time, however many ask.
 */
import { CACHE_LATE_MS, REBUILD_INTERVAL_MS } from "#schema/limits";
import type { Status } from "#schema/status";
import type { Clock } from "./clock";
import { Durations } from "./durations";
import type { Log } from "./log";
import type { Operations } from "./operations";

export interface Alarm {
  /** When the alarm is due, in ms, or `null`. */
  get(): Promise<number | null>;
  set(time: number): Promise<void>;
}

/** What a rebuild consists of. */
export interface BeatWork {
  /** Brings what the ledger has and nobody noticed. Returns how many changes that made. */
  bring(): Promise<number>;
  publish(): Promise<void>;
  /** Looks for what rebuilds could not see. */
  sweep(): Promise<void>;
  /** What else is due after each rebuild, failed or not. */
  tidy(): void;
  /** For the log line. */
  outcome(): { messages: number; skipped: number };
}

interface BeatParts {
  clock: Clock;
  alarm: Alarm;
  operations: Operations;
  log: Log;
  work: BeatWork;
  /** When the cache was rebuilt last, by the journal; 0 when never. */
  rebuiltAt: number;
}

export class Beat {
  readonly #parts: BeatParts;
  #underWay: Promise<void> | null = null;
  #rebuiltAt: number;
  #startedAt = 0;
  #lastFailed = false;
  #rebuilds = 0;
  #failedRebuilds = 0;
  readonly #durations = new Durations();

  constructor(parts: BeatParts) {
    this.#parts = parts;
    this.#rebuiltAt = parts.rebuiltAt;
  }

  get rebuiltAt(): number {
    return this.#rebuiltAt;
  }

  /** The alarm: arms the next one first, then rebuilds. Only a storage that refuses makes it throw. */
  async tick(): Promise<void> {
    await this.#arm();
    await this.rebuild();
  }

  /**
   * The cron: arms an alarm that was lost or is overdue, rebuilds when the cache is late, and looks
   * for what rebuilds could not see.
   */
  async watch(): Promise<void> {
    const due = await this.#parts.alarm.get();
    const now = this.#parts.clock.now();
    const armed = due !== null && due > now - CACHE_LATE_MS;
    if (!armed || this.#isLate()) {
      this.#parts.log("watchdog", { armed, ageMs: now - this.#rebuiltAt });
      await this.tick();
    }
    try {
      await this.#parts.work.sweep();
    } catch (error) {
      this.#parts.log("sweep failed", { error });
    }
  }

  /** One rebuild at a time: who comes while one runs waits for that one. Never throws. */
  rebuild(): Promise<void> {
    this.#underWay ??= this.#rebuildOnce().finally(() => {
      this.#underWay = null;
    });
    return this.#underWay;
  }

  /** Whoever finds the cache late starts the beat again, and is answered meanwhile. */
  healIfLate(): void {
    const sinceLast = this.#parts.clock.now() - this.#startedAt;
    if (!this.#isLate() || sinceLast < REBUILD_INTERVAL_MS) return;
    this.tick().catch((error) => this.#parts.log("alarm refused", { error }));
  }

  /** A store that was never rebuilt makes its readers wait: half a wall must not pass for a whole one. */
  async beBuilt(): Promise<void> {
    this.healIfLate();
    if (this.#rebuiltAt === 0) await this.rebuild();
    if (this.#rebuiltAt === 0) throw new Error("the wall could not be built yet");
  }

  status(): Pick<Status, "ok" | "rebuiltAt" | "ageMs" | "rebuilds"> {
    const ageMs = this.#age();
    return {
      ok: !(ageMs > CACHE_LATE_MS && this.#lastFailed),
      rebuiltAt: this.#rebuiltAt,
      ageMs,
      rebuilds: {
        count: this.#rebuilds,
        failed: this.#failedRebuilds,
        lastMs: this.#durations.last,
        p50Ms: this.#durations.percentile(0.5),
        p95Ms: this.#durations.percentile(0.95),
      },
    };
  }

  async #arm(): Promise<void> {
    this.#parts.operations.count("alarm_set");
    await this.#parts.alarm.set(this.#parts.clock.now() + REBUILD_INTERVAL_MS);
  }

  #age(): number {
    return Math.max(0, this.#parts.clock.now() - this.#rebuiltAt);
  }

  #isLate(): boolean {
    return this.#age() > CACHE_LATE_MS;
  }

  async #rebuildOnce(): Promise<void> {
    const { clock, operations, log, work } = this.#parts;
    const startedAt = clock.now();
    const before = operations.ledger();
    this.#startedAt = startedAt;
    try {
      const added = await work.bring();
      this.#rebuiltAt = clock.now();
      this.#lastFailed = false;
      this.#rebuilds += 1;
      await work.publish();
      const ms = clock.now() - startedAt;
      this.#durations.add(ms);
      const { messages, skipped } = work.outcome();
      const used = operations.ledgerSince(before);
      log("cache rebuilt", { messages, new: added, skipped, ms, operations: used });
    } catch (error) {
      this.#lastFailed = true;
      this.#failedRebuilds += 1;
      log("rebuild failed", { error, operations: operations.ledgerSince(before) });
    }
    work.tidy();
  }
}
