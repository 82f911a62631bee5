/**
 * The beat on the `sqlite` ledger. It lists no keys: the single writer's own rows are the wall, so every answer is
 * fresh, and a rebuild only publishes. The alarm runs only while a change is unpublished.
 */
import { CACHE_LATE_MS, CLOCK_AHEAD_MAX_MS, REBUILD_INTERVAL_MS } from "#schema/limits";
import type { Clock } from "../platform/clock";
import type { Log } from "../platform/log";
import type { Operations } from "../platform/operations";
import { Durations } from "../status/durations";
import type { RebuildMeter } from "../status/metrics";
import type { Alarm, Beat } from "./beat";
import type { Publisher } from "./publisher";

interface ChangeBeatParts {
  clock: Clock;
  alarm: Alarm;
  operations: Operations;
  meter: RebuildMeter;
  log: Log;
  publisher: Publisher;
  /** Housekeeping, after each publication and at each cron. */
  tidy: () => void;
  /** Number of comments in the window, for the log line. */
  messages: () => number;
}

export class ChangeBeat implements Beat {
  readonly #parts: ChangeBeatParts;
  /** Due time of the alarm that this incarnation set, in ms; `null` without one, and once it has run. */
  #armedFor: number | null = null;
  /** The storage refused the alarm that was set last: each question tries again. */
  #isRefused = false;
  #underWay: Promise<void> | null = null;
  #rebuilds = 0;
  #failed = 0;
  readonly #durations = new Durations();

  constructor(parts: ChangeBeatParts) {
    this.#parts = parts;
  }

  readonly readUntil = undefined;

  /** Always now: nothing is ever late. */
  get rebuiltAt(): number {
    return this.#parts.clock.now();
  }

  get isAtRest(): boolean {
    return this.#parts.publisher.dueAt === null;
  }

  async tick(): Promise<void> {
    this.#armedFor = null;
    await this.rebuild();
  }

  /** Runs the housekeeping, and publishes at once if a change waits for an alarm that was lost or is overdue. */
  async watch(): Promise<void> {
    const { alarm, clock, log, publisher, tidy } = this.#parts;
    tidy();
    const due = await alarm.get();
    // One that was set and is lost: the next change sets another.
    if (due === null) this.#armedFor = null;
    const now = clock.now();
    // An alarm later than this was set by a clock that ran ahead.
    const latest = Math.max(now, publisher.dueAt ?? 0) + CLOCK_AHEAD_MAX_MS;
    const armed = due !== null && due > now - CACHE_LATE_MS && due <= latest;
    if (armed || this.isAtRest) return;
    log("watchdog", { armed });
    await this.tick();
  }

  /** Publishes, one run at a time, then sets the alarm for the next publication. */
  rebuild(): Promise<void> {
    this.#underWay ??= this.#publish().finally(() => {
      this.#underWay = null;
    });
    return this.#underWay;
  }

  /** Every answer is fresh, whatever the alarm does. */
  readonly fault = null;

  wake(): void {
    if (this.#isRefused) this.changed();
  }

  async beBuilt(): Promise<void> {
    this.wake();
  }

  changed(): void {
    const { clock, publisher } = this.#parts;
    this.#arm(Math.max(clock.now() + REBUILD_INTERVAL_MS, publisher.dueAt ?? 0));
  }

  status() {
    return {
      ok: true,
      rebuiltAt: this.rebuiltAt,
      ageMs: 0,
      rebuilds: {
        count: this.#rebuilds,
        failed: this.#failed,
        lastMs: this.#durations.last,
        p50Ms: this.#durations.percentile(0.5),
        p95Ms: this.#durations.percentile(0.95),
      },
    };
  }

  async #publish(): Promise<void> {
    const { clock, operations, meter, publisher, log, tidy, messages } = this.#parts;
    const startedAt = clock.now();
    const before = operations.ledger();
    const isPublished = await publisher.publish();
    const ms = clock.now() - startedAt;
    this.#rebuilds += 1;
    this.#durations.add(ms);
    if (isPublished) meter.rebuilt(ms, 0);
    else {
      this.#failed += 1;
      meter.failed(0);
    }
    log("cache rebuilt", { messages: messages(), ms, operations: operations.ledgerSince(before) });
    const { dueAt } = publisher;
    if (dueAt !== null) this.#arm(Math.max(dueAt, clock.now()));
    tidy();
  }

  /**
   * Sets the alarm, unless one is due by then already. One that is overdue by `CACHE_LATE_MS` counts as lost and is
   * set again. Runs in the same step as the change, so that both become durable or neither does.
   */
  #arm(at: number): void {
    const { alarm, clock, log, operations } = this.#parts;
    const isArmedInTime = this.#armedFor !== null && this.#armedFor <= at;
    if (isArmedInTime && (this.#armedFor ?? 0) > clock.now() - CACHE_LATE_MS) return;
    this.#armedFor = at;
    this.#isRefused = false;
    operations.count("alarm_set");
    alarm.set(at).catch((error) => {
      this.#armedFor = null;
      this.#isRefused = true;
      log("alarm refused", { error });
    });
  }
}
