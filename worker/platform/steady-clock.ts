/** Time as it passes for one incarnation, for waits that a jump of the machine's clock must not end. */
import type { Clock } from "./clock";

/** A longer step of the clock is a jump, or nobody has asked for so long; either counts as this much. */
const STEP_MAX_MS = 10_000;

export class SteadyClock {
  readonly #clock: Pick<Clock, "now">;
  #read: number;
  #passed = 0;

  constructor(clock: Pick<Clock, "now">) {
    this.#clock = clock;
    this.#read = clock.now();
  }

  /** ms that have passed at least since this was made. It advances as long as it is asked every few seconds. */
  now(): number {
    const read = this.#clock.now();
    this.#passed += Math.min(STEP_MAX_MS, Math.max(0, read - this.#read));
    this.#read = read;
    return this.#passed;
  }
}
