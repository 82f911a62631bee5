/** What happened in a world, in words: kept only when a violation is to be told. */

interface Entry {
  at: number;
  words: string;
  always: boolean;
}

export class Trace {
  readonly #now: () => number;
  readonly #entries: Entry[] = [];

  constructor(now: () => number) {
    this.#now = now;
  }

  /** `always`: of interest whatever is asked about. */
  add(words: string, { always = false } = {}): void {
    this.#entries.push({ at: this.#now(), words, always });
  }

  /** Every line, in order. */
  lines(): string[] {
    return this.#entries.map(line);
  }

  /** Only what names one of these words, and what concerns everything. */
  about(names: readonly string[]): string[] {
    return this.#entries
      .filter(({ words, always }) => always || names.some((name) => words.includes(name)))
      .map(line);
  }
}

function line({ at, words }: Entry): string {
  return `${(at / 1_000).toFixed(3).padStart(9)} s  ${words}`;
}
