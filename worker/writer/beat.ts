/** When the single writer goes about its work. */
import {
  CACHE_LATE_MS,
  CLOCK_AHEAD_MAX_MS,
  IDLE_AFTER_MS,
  REBUILD_INTERVAL_MS,
} from "#schema/limits";
import type { Status } from "#schema/status";
import type { Clock } from "../platform/clock";
import type { Log } from "../platform/log";
import type { Operations } from "../platform/operations";
import { Durations } from "../status/durations";
import type { RebuildMeter } from "../status/metrics";

export interface Alarm {
  /** When the alarm is due, in ms, or `null`. */
  get(): Promise<number | null>;
  set(time: number): Promise<void>;
}

/** What a rebuild consists of. */
export interface BeatWork {
  /** Brings what the ledger has and nobody noticed. Returns how many changes that made. */
  bring(): Promise<number>;
  publish(): Promise<unknown>;
  /** Looks for what rebuilds could not see. */
  sweep(): Promise<void>;
  /** What else is due after each rebuild, failed or not. */
  tidy(): void;
  /** Whether nothing is left to be published or written to a key. */
  isSettled(): boolean;
  /** For the log line. */
  outcome(): { messages: number; skipped: number };
}

export interface Beat {
  /** When the cache was rebuilt last, in ms. */
  readonly rebuiltAt: number;
  /** Whether nothing is to be done until somebody asks. */
  readonly isAtRest: boolean;
  /** The alarm. Only a storage that refuses makes it throw. */
  tick(): Promise<void>;
  /** The cron. */
  watch(): Promise<void>;
  /** Never throws. */
  rebuild(): Promise<void>;
  /** Somebody uses the wall. */
  wake(): void;
  /** Somebody reads the wall, or tells of it: resolves once it can be. */
  beBuilt(): Promise<void>;
  /** There is something that was not published yet. */
  changed(): void;
  status(): Pick<Status, "ok" | "rebuiltAt" | "ageMs" | "rebuilds">;
}

interface ListingBeatParts {
  clock: Clock;
  alarm: Alarm;
  operations: Operations;
  meter: RebuildMeter;
  log: Log;
  work: BeatWork;
  /** When the cache was rebuilt last, by the journal; 0 when never. */
  rebuiltAt: number;
}

/**
 * Where the ledger has to be listed: by the alarm every 3 seconds, by the cron when the alarm was lost,
 * and by whoever finds the cache late. One rebuild at a time, however many ask. A wall that nobody uses
 * for a minute rests: the alarm is not set again, and the cron alone rebuilds, until somebody does.
 */
export class ListingBeat implements Beat {
  readonly #parts: ListingBeatParts;
  #underWay: Promise<void> | null = null;
  #rebuiltAt: number;
  #startedAt = 0;
  /** When somebody used the wall last; 0 when this incarnation does not know. */
  #usedAt = 0;
  /** The alarm was left unset because nobody uses the wall. */
  #isStopped = false;
  /** When somebody came to a wall that nobody used: how old its cache was until then is no fault. */
  #wokenAt = 0;
  #lastFailed = false;
  #rebuilds = 0;
  #failedRebuilds = 0;
  readonly #durations = new Durations();

  constructor(parts: ListingBeatParts) {
    this.#parts = parts;
    this.#rebuiltAt = parts.rebuiltAt;
  }

  get rebuiltAt(): number {
    return this.#rebuiltAt;
  }

  get isAtRest(): boolean {
    return this.#isUnused && this.#parts.work.isSettled();
  }

  /** Arms the next alarm first, then rebuilds. */
  async tick(): Promise<void> {
    this.#correct();
    // An alarm that outlived its incarnation was set for somebody.
    if (this.#usedAt === 0) this.#use();
    if (this.isAtRest) this.#isStopped = true;
    else await this.#arm();
    await this.rebuild();
  }

  /**
   * Arms an alarm that was lost or is overdue, rebuilds when the cache is late, and looks for what
   * rebuilds could not see. A wall at rest is listed once.
   */
  async watch(): Promise<void> {
    const due = await this.#parts.alarm.get();
    this.#correct();
    const now = this.#parts.clock.now();
    const armed = due !== null && due > now - CACHE_LATE_MS && due <= now + CLOCK_AHEAD_MAX_MS;
    if (!armed && this.isAtRest) {
      this.#isStopped = true;
      await this.rebuild();
      return;
    }
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

  /** Whoever finds the beat stopped, or the cache late, starts it again, and is answered meanwhile. */
  wake(): void {
    this.#correct();
    this.#use();
    const sinceStart = this.#parts.clock.now() - this.#startedAt;
    const isOverdue = this.#isLate() && sinceStart >= REBUILD_INTERVAL_MS;
    if (!isOverdue && !this.#isStopped) return;
    this.#isStopped = false;
    this.tick().catch((error) => this.#parts.log("alarm refused", { error }));
  }

  changed(): void {
    if (this.#isStopped) this.wake();
  }

  /** A store that was never rebuilt makes its readers wait: half a wall must not pass for a whole one. */
  async beBuilt(): Promise<void> {
    this.wake();
    if (this.#rebuiltAt === 0) await this.rebuild();
    if (this.#rebuiltAt === 0) throw new Error("the wall could not be built yet");
  }

  status(): Pick<Status, "ok" | "rebuiltAt" | "ageMs" | "rebuilds"> {
    this.#correct();
    const ageMs = this.#age();
    return {
      ok: !(this.#lastFailed && this.#isLate()) && !this.#isLateInUse,
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

  /** Whether nobody used the wall for a minute, as far as this incarnation knows. */
  get #isUnused(): boolean {
    return this.#parts.clock.now() - this.#usedAt >= IDLE_AFTER_MS;
  }

  /** Whether somebody uses the wall and its cache became late meanwhile, whatever the reason. */
  get #isLateInUse(): boolean {
    if (this.#isStopped || this.isAtRest) return false;
    const from = Math.max(this.#rebuiltAt, this.#wokenAt);
    return this.#parts.clock.now() - from > CACHE_LATE_MS;
  }

  #use(): void {
    const now = this.#parts.clock.now();
    if (this.#isStopped || this.#isUnused) this.#wokenAt = now;
    this.#usedAt = now;
  }

  /**
   * Takes back what a clock noted that was ahead and has been set right. Such a cache counts as late: were it
   * believed, nothing would rebuild it until the clock has caught up.
   */
  #correct(): void {
    const now = this.#parts.clock.now();
    const latest = now + CLOCK_AHEAD_MAX_MS;
    if (this.#rebuiltAt > latest) this.#rebuiltAt = now - CACHE_LATE_MS - 1;
    if (this.#startedAt > latest) this.#startedAt = 0;
    if (this.#usedAt > latest) this.#usedAt = now;
    if (this.#wokenAt > latest) this.#wokenAt = now;
  }

  #age(): number {
    return Math.max(0, this.#parts.clock.now() - this.#rebuiltAt);
  }

  /**
   * How old the cache became while somebody used it; `null` where nobody did, and before this
   * incarnation's first rebuild, since the journal tells of no quiet one.
   */
  #ageReached(): number | null {
    if (this.#rebuilds === 0 || this.#isStopped) return null;
    return Math.max(0, this.#parts.clock.now() - Math.max(this.#rebuiltAt, this.#wokenAt));
  }

  #isLate(): boolean {
    return this.#age() > CACHE_LATE_MS;
  }

  async #rebuildOnce(): Promise<void> {
    const { clock, operations, meter, log, work } = this.#parts;
    const startedAt = clock.now();
    const before = operations.ledger();
    const ageMs = this.#rebuiltAt === 0 ? null : this.#age();
    this.#startedAt = startedAt;
    try {
      const added = await work.bring();
      const reachedMs = this.#ageReached();
      this.#rebuiltAt = clock.now();
      this.#lastFailed = false;
      this.#rebuilds += 1;
      await work.publish();
      const ms = clock.now() - startedAt;
      this.#durations.add(ms);
      meter.rebuilt(ms, reachedMs);
      const { messages, skipped } = work.outcome();
      const used = operations.ledgerSince(before);
      log("cache rebuilt", { messages, new: added, skipped, ageMs, ms, operations: used });
    } catch (error) {
      this.#lastFailed = true;
      this.#failedRebuilds += 1;
      meter.failed(this.#ageReached());
      log("rebuild failed", { error, ageMs, operations: operations.ledgerSince(before) });
    }
    work.tidy();
  }
}
