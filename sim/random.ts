/** Random numbers from a seed: the same seed gives the same run, byte for byte. */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** A number from 0 up to, not including, 1 (mulberry32). */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let t = this.#state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }

  /** A whole number from `low` to `high`, both included. */
  integer(low: number, high: number): number {
    return low + Math.floor(this.next() * (high - low + 1));
  }

  pick<T>(items: readonly T[]): T {
    return items[this.integer(0, items.length - 1)] as T;
  }

  /** Like real delays: mostly 0.2 to 1.8 times `typical`; with the chance `tailChance`, from `typical` to `tail`. */
  delay(typical: number, tail: number, tailChance = 0.01): number {
    return this.chance(tailChance)
      ? this.integer(typical, tail)
      : Math.round(typical * (0.2 + 1.6 * this.next()));
  }

  /** A new source, so that a part of the run can draw more or fewer numbers without changing those of other parts. */
  fork(): Random {
    return new Random(Math.floor(this.next() * 4_294_967_296));
  }
}
