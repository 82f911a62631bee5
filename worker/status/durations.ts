/** The newest durations of a repeated task, for its percentiles. */

/** An hour of rebuilds, one every 3 s. */
const KEPT = 1_200;

export class Durations {
  #newest: number[] = [];

  add(ms: number): void {
    this.#newest.push(ms);
    if (this.#newest.length > KEPT) this.#newest = this.#newest.slice(-KEPT / 2);
  }

  /** The number of durations kept. */
  get count(): number {
    return this.#newest.length;
  }

  get last(): number {
    return this.#newest.at(-1) ?? 0;
  }

  percentile(share: number): number {
    const sorted = [...this.#newest].sort((a, b) => a - b);
    return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0;
  }
}
