/** A promise of the design that a world saw broken. */
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

/** Notes that an invariant was looked at, and throws when it does not hold. */
export class Verdict {
  readonly #now: () => number;
  /** How often each invariant was looked at. */
  readonly checked = new Map<number, number>();

  constructor(now: () => number) {
    this.#now = now;
  }

  /** @throws {Violation} unless `holds`. */
  expect(invariant: number, holds: boolean, what: () => string, ...about: string[]): void {
    this.looked(invariant);
    if (!holds) this.fail(invariant, what(), ...about);
  }

  /** Notes that an invariant was looked at, where a loop calls `fail` itself. */
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
}
