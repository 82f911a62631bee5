/**
 * How many messages the wall got in each ten minutes of the last day, added up from the samples of its minutes. A
 * message costs nothing here.
 */
import { ACTIVITY_SLOT_MS, ACTIVITY_SLOTS } from "#schema/limits";
import type { Activity as Counts, Sample } from "#schema/status";

export class Activity {
  /** By the start of the slot. */
  readonly #counts = new Map<number, number>();

  /** @param stored counts of an earlier incarnation */
  constructor(stored: Counts | null) {
    stored?.counts.forEach((count, index) => {
      if (count > 0) this.#counts.set(stored.from + index * stored.slotMs, count);
    });
  }

  /**
   * Takes the samples that are kept, all of them each time: a minute may be among them again. A slot whose first
   * minutes are no longer sampled keeps its higher count.
   */
  take(samples: readonly Sample[]): void {
    const sampled = new Map<number, number>();
    for (const { at, operations } of samples) {
      const { message } = operations;
      const slot = slotOf(at);
      if (message) sampled.set(slot, (sampled.get(slot) ?? 0) + message);
    }
    for (const [slot, count] of sampled)
      this.#counts.set(slot, Math.max(count, this.#counts.get(slot) ?? 0));
  }

  /** The slots of the day that ends at `now`, oldest first; the last one has not ended. */
  of(now: number): Counts {
    const from = slotOf(now) - (ACTIVITY_SLOTS - 1) * ACTIVITY_SLOT_MS;
    for (const slot of this.#counts.keys()) if (slot < from) this.#counts.delete(slot);
    const counts = Array.from(
      { length: ACTIVITY_SLOTS },
      (_, index) => this.#counts.get(from + index * ACTIVITY_SLOT_MS) ?? 0,
    );
    return { from, slotMs: ACTIVITY_SLOT_MS, counts };
  }
}

export function slotOf(time: number): number {
  return Math.floor(time / ACTIVITY_SLOT_MS) * ACTIVITY_SLOT_MS;
}
