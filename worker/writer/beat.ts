/** Schedules the single writer's work. */
import {
  CACHE_LATE_MS,
  CLOCK_AHEAD_MAX_MS,
  IDLE_AFTER_MS,
  REBUILD_INTERVAL_MS,
} from "#schema/limits";
import type { Fault, Status } from "#schema/status";
import type { Clock } from "../platform/clock";
import type { Log } from "../platform/log";
import type { Operations } from "../platform/operations";
import { Durations } from "../status/durations";
import type { RebuildMeter } from "../status/metrics";

export interface Alarm {
  /** Due time of the alarm in ms, or `null`. */
  get(): Promise<number | null>;
  set(time: number): Promise<void>;
}

/** The steps of a rebuild. */
export interface BeatWork {
  /** Finds comments whose notices were lost and commits all arrivals. Returns the number of changes. */
  bring(): Promise<number>;
  /** The cache is as new as the ledger now. */
  rebuilt(): void;
  publish(): Promise<unknown>;
  /** Looks for keys that rebuilds could not see. */
  sweep(): Promise<void>;
  /** Every key stored before this time, in ms, was read. */
  readUntil(): number;
  /** Housekeeping after each rebuild, failed or not. */
  tidy(): void;
  /** Whether nothing is left to be published or written to a key. */
  isSettled(): boolean;
  /** For the log line. */
  outcome(): { messages: number; skipped: number };
}

export interface Beat {
  /** Time of the last rebuild, in ms. */
  readonly rebuiltAt: number;
  /** Every key stored before this time, in ms, was read; `undefined` if none needs to be. */
  readonly readUntil: number | undefined;
  /** Whether the wall is idle: there is no work until the next call. */
  readonly isAtRest: boolean;
  /** Runs at each alarm. Throws only when the storage rejects a write. */
  tick(): Promise<void>;
  /** Runs at each cron. */
  watch(): Promise<void>;
  /** Never throws. */
  rebuild(): Promise<void>;
  /** Notes that the wall is in use. */
  wake(): void;
  /** Notes that the wall is in use; resolves once it has been rebuilt at least once. */
  beBuilt(): Promise<void>;
  /** Notes that there are unpublished changes. */
  changed(): void;
  /** `null` while the cache is as new as promised. */
  readonly fault: Fault | null;
  status(): Pick<Status, "ok" | "rebuiltAt" | "ageMs" | "rebuilds">;
}

interface ListingBeatParts {
  clock: Clock;
  alarm: Alarm;
  operations: Operations;
  meter: RebuildMeter;
  log: Log;
  work: BeatWork;
  /** Whether sockets are open: their pages rely on the rebuilds, so the wall does not go idle. */
  isFollowed: () => boolean;
  /** Time of the last rebuild according to the journal, in ms; 0 if never. */
  rebuiltAt: number;
}

/**
 * The beat on the `kv` ledger, whose keys have to be listed. The alarm starts a rebuild every 3 seconds, the cron
 * when the alarm was lost, and any call that finds the cache late. Rebuilds run one at a time; calls during one
 * share it. A wall unused for a minute goes idle: the alarm is not set again, and only the cron rebuilds, until the
 * next use.
 */
export class ListingBeat implements Beat {
  readonly #parts: ListingBeatParts;
  #underWay: Promise<void> | null = null;
  #rebuiltAt: number;
  #startedAt = 0;
  /** Time of the last use, in ms; 0 while this incarnation knows of none. */
  #usedAt = 0;
  /** The alarm was not set again because the wall is idle. */
  #isStopped = false;
  /** Time at which an idle wall was used again, in ms: a cache that grew old before that is no fault. */
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

  get readUntil(): number {
    return this.#parts.work.readUntil();
  }

  get isAtRest(): boolean {
    return this.#isUnused && this.#parts.work.isSettled();
  }

  /** Arms the next alarm first, then rebuilds. */
  async tick(): Promise<void> {
    this.#correctFutureTimes();
    // An alarm of an earlier incarnation was set because the wall was in use.
    if (this.#usedAt === 0) this.#use();
    if (this.isAtRest) this.#isStopped = true;
    else await this.#arm();
    await this.rebuild();
  }

  /**
   * Sets an alarm that was lost or is overdue, rebuilds a late cache, and looks for keys that rebuilds could not
   * see. An idle wall is only rebuilt once.
   */
  async watch(): Promise<void> {
    const due = await this.#parts.alarm.get();
    this.#correctFutureTimes();
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

  /** One rebuild at a time: a call during a rebuild waits for that one. Never throws. */
  rebuild(): Promise<void> {
    this.#underWay ??= this.#rebuildOnce().finally(() => {
      this.#underWay = null;
    });
    return this.#underWay;
  }

  /** Restarts a stopped beat and rebuilds a late cache; the caller does not wait for it. */
  wake(): void {
    this.#correctFutureTimes();
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

  /**
   * Readers of a store that was never rebuilt wait for its first rebuild: a partial wall must not pass for a
   * complete one.
   */
  async beBuilt(): Promise<void> {
    this.wake();
    if (this.#rebuiltAt === 0) await this.rebuild();
    if (this.#rebuiltAt === 0) throw new Error("the wall could not be built yet");
  }

  get fault(): Fault | null {
    this.#correctFutureTimes();
    if (this.#isLateInUse) return "late";
    return this.#lastFailed && this.#isLate() ? "failing" : null;
  }

  status(): Pick<Status, "ok" | "rebuiltAt" | "ageMs" | "rebuilds"> {
    const ok = this.fault === null;
    const ageMs = this.#age();
    return {
      ok,
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

  /** Whether the wall was unused for a minute, as far as this incarnation knows. */
  get #isUnused(): boolean {
    const { clock, isFollowed } = this.#parts;
    return clock.now() - this.#usedAt >= IDLE_AFTER_MS && !isFollowed();
  }

  /** Whether the cache became late while the wall was in use, for any reason. */
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
   * Corrects times that lie in the future: a clock that ran ahead noted them before it was set right. A rebuild in
   * the future counts as late; otherwise nothing would rebuild the cache until the clock caught up.
   */
  #correctFutureTimes(): void {
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
   * The age that the cache reached while in use, in ms. `null` while the wall is unused, and before this
   * incarnation's first rebuild, because the journal has no entry for a rebuild without changes.
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
      work.rebuilt();
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
