/** An invariant that a world violated. */
export class Violation extends Error {
  constructor(
    /** Its number in the list of invariants. */
    readonly invariant: number,
    readonly what: string,
    /** Simulated ms since the world began. */
    readonly at: number,
    /** Ids, nonces and names that the trace is searched for. */
    readonly about: readonly string[],
  ) {
    super(`invariant ${invariant} at ${(at / 1_000).toFixed(3)} s: ${what}`);
  }
}

/** Counts the checks of each invariant, and throws when one does not hold. */
export class Verdict {
  readonly #now: () => number;
  readonly #start: number;
  /** How often each invariant was checked. */
  readonly checked = new Map<number, number>();

  /** `now`: ms since the world began; `start`: when that was, in ms since 1970. */
  constructor(now: () => number, start: number) {
    this.#now = now;
    this.#start = start;
  }

  /** @throws {Violation} unless `holds`. */
  expect(invariant: number, holds: boolean, what: () => string, ...about: string[]): void {
    this.looked(invariant);
    if (!holds) this.fail(invariant, what(), ...about);
  }

  /** Counts a check whose caller calls `fail` itself, in a loop. */
  looked(invariant: number): void {
    this.checked.set(invariant, (this.checked.get(invariant) ?? 0) + 1);
  }

  /** @throws {Violation} */
  fail(invariant: number, what: string, ...about: string[]): never {
    throw new Violation(invariant, what, this.#now(), about);
  }

  get now(): number {
    return this.#now();
  }

  /** The age of something with this timestamp, in ms. */
  ageOf(timestamp: number): number {
    return this.#start + this.#now() - timestamp;
  }
}
