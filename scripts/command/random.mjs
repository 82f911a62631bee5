// @ts-check

/** Random numbers from a seed: the same seed gives the same run, byte for byte. */
export class Random {
  #state;

  /** @param {number} seed */
  constructor(seed) {
    this.#state = seed >>> 0;
  }

  /** A number from 0 up to, not including, 1 (mulberry32). */
  next() {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let t = this.#state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  }

  /** @param {number} probability */
  chance(probability) {
    return this.next() < probability;
  }

  /**
   * A whole number from `low` to `high`, both included.
   * @param {number} low
   * @param {number} high
   */
  integer(low, high) {
    return low + Math.floor(this.next() * (high - low + 1));
  }

  /**
   * @template T
   * @param {readonly T[]} items
   * @returns {T}
   */
  pick(items) {
    return /** @type {T} */ (items[this.integer(0, items.length - 1)]);
  }

  /**
   * Like real delays: mostly 0.2 to 1.8 times `typical`; with the chance `tailChance`, from `typical` to `tail`.
   * @param {number} typical
   * @param {number} tail
   */
  delay(typical, tail, tailChance = 0.01) {
    return this.chance(tailChance)
      ? this.integer(typical, tail)
      : Math.round(typical * (0.2 + 1.6 * this.next()));
  }

  /** A new source, so that a part of the run can draw more or fewer numbers without changing those of other parts. */
  fork() {
    return new Random(Math.floor(this.next() * 4_294_967_296));
  }
}
