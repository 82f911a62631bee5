import type { Random } from "../../scripts/command/random.mjs";
import type { Scheduler } from "./scheduler";

const NETWORK_TYPICAL_MS = 30;
const NETWORK_TAIL_MS = 1_500;

interface DirectionParts {
  scheduler: Scheduler;
  random: Random;
}

/** One direction of a connection: messages arrive in order. */
export class Direction {
  /** Everything sent from now on is lost, without a sign. */
  isDead = false;
  readonly #parts: DirectionParts;
  #arrivesAt = 0;
  #heldUntil = 0;

  constructor(parts: DirectionParts) {
    this.#parts = parts;
  }

  get isHeldUp(): boolean {
    return this.#heldUntil >= this.#parts.scheduler.now;
  }

  pass(arrive: () => void): void {
    const { scheduler, random } = this.#parts;
    if (this.isDead) return;
    const delay = random.delay(NETWORK_TYPICAL_MS, NETWORK_TAIL_MS);
    this.#arrivesAt = Math.max(this.#arrivesAt, scheduler.now + delay);
    scheduler.after(this.#arrivesAt - scheduler.now, () => {
      if (!this.isDead) arrive();
    });
  }

  holdUp(ms: number): void {
    this.#heldUntil = Math.max(this.#heldUntil, this.#parts.scheduler.now + ms);
    this.#arrivesAt = Math.max(this.#arrivesAt, this.#heldUntil);
  }
}
