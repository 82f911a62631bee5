/** The arithmetic of the plots: an hour in slots of a minute, on a scale that ends at a round number. */
import { SAMPLE_MS, SAMPLES_KEPT } from "#schema/limits";
import type { Sample } from "#schema/status";

/** One of the hour's minutes, oldest first; `value` is `null` where nobody counted. */
export interface Slot {
  at: number;
  value: number | null;
}

/** Where a scale may end, times a power of ten: half of each is round, too. */
const TOPS = [1, 1.2, 2, 4, 6, 8, 10];

/** So long a minute's sample may take to get here: until then the plots need not move on without it. */
const SAMPLE_LATE_MS = 15_000;

/** When the newest minute that the plots show ended: over at `now`, and known or not coming any more. */
export function endOf(history: readonly Sample[], now: number): number {
  const newest = history.at(-1);
  const known = newest ? newest.at + SAMPLE_MS : 0;
  return Math.max(known, Math.floor((now - SAMPLE_LATE_MS) / SAMPLE_MS) * SAMPLE_MS);
}

/** The hour of minutes that ended by `end`. */
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

/** The round number, and its half too, at which a scale of whole numbers ends that is to show `most`. */
export function topOf(most: number): number {
  if (!(most > 2)) return 2;
  const power = 10 ** Math.floor(Math.log10(most));
  const top = TOPS.find((times) => times * power >= most) ?? 10;
  return top * power;
}

/** The largest value; 0 where there is none. */
export function mostOf(slots: readonly Slot[]): number {
  return slots.reduce((most, { value }) => Math.max(most, value ?? 0), 0);
}

/** The newest value, be it of a minute that is a while ago. */
export function newestOf(slots: readonly Slot[]): number | null {
  return slots.findLast(({ value }) => value !== null)?.value ?? null;
}
