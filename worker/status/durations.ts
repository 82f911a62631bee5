/** Keeps the newest durations of a repeated task, and computes their percentiles. */

/** An hour of rebuilds, one every 3 s. One more, and only the newer half is kept. */
const KEPT_MAX = 1_200;

export class Durations {
  #newest: number[] = [];

  add(ms: number): void {
    this.#newest.push(ms);
    if (this.#newest.length > KEPT_MAX) this.#newest = this.#newest.slice(-KEPT_MAX / 2);
  }

  /** The number of durations held now. */
  get count(): number {
    return this.#newest.length;
  }

  get last(): number {
    return this.#newest.at(-1) ?? 0;
  }

  /** @param share 0.5 for the median, 1 for the maximum; without durations the result is 0 */
  percentile(share: number): number {
    const sorted = [...this.#newest].sort((a, b) => a - b);
    return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0;
  }
}
