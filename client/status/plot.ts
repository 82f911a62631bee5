/** Data of the plots: the last hour in one-minute slots, on a scale that ends at a round number. */
import { SAMPLE_MS, SAMPLES_KEPT } from "#schema/limits";
import type { Sample } from "#schema/status";

/** One minute of the hour; `value` is `null` where there is no data. */
export interface Slot {
  at: number;
  value: number | null;
}

/** Ends of a scale, times a power of ten; half of each is round too. */
const TOPS = [1, 1.2, 2, 4, 6, 8, 10];

/** Allowed delay of a minute's sample; the plots wait this long for it before moving on. */
const SAMPLE_LATE_MS = 15_000;

/** End of the newest minute to plot: complete at `now`, with its sample here or overdue. */
export function endOf(history: readonly Sample[], now: number): number {
  const newest = history.at(-1);
  const known = newest ? newest.at + SAMPLE_MS : 0;
  return Math.max(known, Math.floor((now - SAMPLE_LATE_MS) / SAMPLE_MS) * SAMPLE_MS);
}

/** The minutes of the hour before `end`, oldest first. */
export function slotsOf(
  history: readonly Sample[],
  end: number,
  pick: (sample: Sample) => number | null,
): Slot[] {
  const byMinute = new Map(history.map((sample) => [sample.at, sample]));
  return Array.from({ length: SAMPLES_KEPT }, (_, index) => {
    const at = end - (SAMPLES_KEPT - index) * SAMPLE_MS;
    const sample = byMinute.get(at);
    return { at, value: sample ? pick(sample) : null };
  });
}

/**
 * The round number at or above `most` at which a scale of whole numbers ends; its half is round
 * too.
 */
export function topOf(most: number): number {
  if (!(most > 2)) return 2;
  const power = 10 ** Math.floor(Math.log10(most));
  const top = TOPS.find((times) => times * power >= most) ?? 10;
  return top * power;
}

/** The largest value; 0 if there is none. */
export function mostOf(slots: readonly Slot[]): number {
  return slots.reduce((most, { value }) => Math.max(most, value ?? 0), 0);
}

/** The newest known value; newer minutes may lack one. */
export function newestOf(slots: readonly Slot[]): number | null {
  return slots.findLast(({ value }) => value !== null)?.value ?? null;
}
