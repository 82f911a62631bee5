/**
 * The wall's health in the last hour: one sample a minute, made from existing counters.
 *
 * Clock, counters and store are passed in. A read of the wall never writes here; `keep`, called by the alarm and the
 * cron, writes at most one row a minute, another every ten minutes, and none while the wall is idle.
 */
import { CACHE_LATE_MS, CLOCK_AHEAD_MAX_MS, SAMPLE_MS, SAMPLES_KEPT } from "#schema/limits";
import type { Activity as ActivityCounts, Sample } from "#schema/status";
import type { Clock } from "../platform/clock";
import type { Operations } from "../platform/operations";
import { Activity, slotOf } from "./activity";
import { Durations } from "./durations";

/** Called by the rebuilder after each rebuild. */
export interface RebuildMeter {
  /** @param ageMs the cache's age just before the rebuild; `null` if unknown */
  rebuilt(ms: number, ageMs: number | null): void;
  failed(ageMs: number | null): void;
}

/** Keeps samples across restarts of the object. */
export interface SampleStore {
  read(): Sample[];
  /** Replaces the samples written before. */
  write(samples: readonly Sample[]): void;
  readActivity(): ActivityCounts | null;
  /** Replaces the counts written before. */
  writeActivity(activity: ActivityCounts): void;
}

export interface MetricsParts {
  clock: Clock;
  operations: Operations;
  store: SampleStore;
}

/** The current minute. */
interface OpenSample {
  from: number;
  until: number;
  ageMaxMs: number | null;
  failed: number;
  durations: Durations;
  /** The counters at the start of the minute. */
  before: Record<string, number>;
  /** Rows written for the samples themselves. */
  ownRows: number;
}

export class Metrics implements RebuildMeter {
  readonly #parts: MetricsParts;
  /** Oldest first. */
  #samples: Sample[];
  #open: OpenSample;
  #isWritten = true;
  readonly #activity: Activity;
  /** Start of the slot in which the activity was written; what it lacks since is in the samples. */
  #activitySlot: number;

  constructor(parts: MetricsParts) {
    this.#parts = parts;
    const now = parts.clock.now();
    this.#samples = parts.store.read().filter(({ at }) => at <= now + CLOCK_AHEAD_MAX_MS);
    this.#open = this.#begin(now);
    this.#activity = new Activity(parts.store.readActivity());
    this.#activity.take(this.#samples);
    this.#activitySlot = slotOf(now);
  }

  rebuilt(ms: number, ageMs: number | null): void {
    this.advance();
    this.#open.durations.add(ms);
    this.#aged(ageMs);
  }

  failed(ageMs: number | null): void {
    this.advance();
    this.#open.failed += 1;
    this.#aged(ageMs);
  }

  /** Closes the minutes that have ended. Call it before counting, so that the count falls into the current minute. */
  advance(): void {
    const now = this.#parts.clock.now();
    // The clock was ahead and was corrected: drop the minutes that now lie in the future.
    if (this.#open.from > now + CLOCK_AHEAD_MAX_MS) {
      this.#samples = this.#samples.filter(({ at }) => at < minuteOf(now));
      this.#open = this.#begin(now);
    }
    const oldest = minuteOf(now) - SAMPLES_KEPT * SAMPLE_MS;
    while (this.#open.until <= now) {
      this.#close(this.#open);
      this.#open = this.#begin(Math.max(this.#open.until, oldest));
    }
  }

  /** The samples of the last hour, oldest first. */
  history(): Sample[] {
    this.advance();
    const oldest = minuteOf(this.#parts.clock.now()) - SAMPLES_KEPT * SAMPLE_MS;
    return this.#samples.filter(({ at }) => at >= oldest);
  }

  /** Messages of the last day. */
  activity(): ActivityCounts {
    this.advance();
    return this.#activity.of(this.#parts.clock.now());
  }

  /** Writes the samples if anything happened since the last write. @throws when the store refuses. */
  keep(): void {
    this.advance();
    if (this.#isWritten) return;
    const { operations, store, clock } = this.#parts;
    const before = operations.of("row_written");
    const slot = slotOf(clock.now());
    if (slot !== this.#activitySlot) {
      store.writeActivity(this.#activity.of(clock.now()));
      this.#activitySlot = slot;
    }
    store.write(this.#samples);
    this.#isWritten = true;
    this.#open.ownRows += operations.of("row_written") - before;
  }

  #begin(from: number): OpenSample {
    return {
      from,
      until: minuteOf(from) + SAMPLE_MS,
      ageMaxMs: null,
      failed: 0,
      durations: new Durations(),
      before: this.#parts.operations.toObject(),
      ownRows: 0,
    };
  }

  #close({ from, until, ageMaxMs, failed, durations, before, ownRows }: OpenSample): void {
    const operations = difference(this.#parts.operations.toObject(), before);
    const { count } = durations;
    const sample: Sample = {
      at: minuteOf(from),
      ms: until - from,
      ageMaxMs,
      rebuilds: {
        count,
        failed,
        p50Ms: count > 0 ? durations.percentile(0.5) : null,
        maxMs: count > 0 ? durations.percentile(1) : null,
      },
      operations,
    };
    // If this incarnation's clock is behind the last one's, a minute may be sampled again.
    const others = this.#samples.filter(({ at }) => at !== sample.at);
    this.#samples = [...others, sample].sort((a, b) => a.at - b.at).slice(-SAMPLES_KEPT);
    this.#activity.take(this.#samples);
    const wroteRows = (operations.row_written ?? 0) > ownRows;
    if (wroteRows || failed > 0 || (ageMaxMs ?? 0) > CACHE_LATE_MS) this.#isWritten = false;
  }

  #aged(ageMs: number | null): void {
    if (ageMs !== null) this.#open.ageMaxMs = Math.max(this.#open.ageMaxMs ?? 0, ageMs);
  }
}

function minuteOf(time: number): number {
  return Math.floor(time / SAMPLE_MS) * SAMPLE_MS;
}

/** The counts since `before`, without the kinds that did not occur. */
function difference(now: Record<string, number>, before: Record<string, number>) {
  return Object.fromEntries(
    Object.entries(now)
      .map(([kind, count]) => [kind, count - (before[kind] ?? 0)] as const)
      .filter(([, count]) => count > 0),
  );
}
