/** The events of a world as text, kept only to explain a violation. */

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

  /** `always`: relevant to every violation. */
  add(words: string, { always = false } = {}): void {
    this.#entries.push({ at: this.#now(), words, always });
  }

  /** Every line, in order. */
  lines(): string[] {
    return this.#entries.map(line);
  }

  /** The lines that contain one of these names, and those that are always relevant. */
  about(names: readonly string[]): string[] {
    return this.#entries
      .filter(({ words, always }) => always || names.some((name) => words.includes(name)))
      .map(line);
  }
}

function line({ at, words }: Entry): string {
  return `${(at / 1_000).toFixed(3).padStart(9)} s  ${words}`;
}
