/** Checks invariant 2 for notices: a comment that one brought is in the incarnation's next answer. */
import type { Sync } from "#schema/change";
import { compareIds } from "#schema/id";
import { WINDOW_SIZE } from "#schema/limits";
import type { Verdict } from "./violation";

export class Notices {
  readonly #verdict: Verdict;
  readonly #isKnown: (id: string, text: string) => boolean;
  /** Comments that a notice brought and no answer has shown yet, by incarnation. */
  readonly #noticed = new Map<number, Map<string, { text: string; at: number }>>();

  /** `isKnown`: whether a message was answered before, or may be gone. */
  constructor(verdict: Verdict, isKnown: (id: string, text: string) => boolean) {
    this.#verdict = verdict;
    this.#isKnown = isKnown;
  }

  add(id: string, text: string, incarnation: number): void {
    const noticed = this.#noticed.get(incarnation) ?? new Map();
    this.#noticed.set(incarnation, noticed.set(id, { text, at: this.#verdict.now }));
  }

  /** Checks an answer; the rebuilder took its request at `takenAt`. */
  expectAnswered({ window }: Sync, takenAt: number, incarnation: number): void {
    const noticed = this.#noticed.get(incarnation) ?? new Map();
    const oldest = window && window.length >= WINDOW_SIZE ? window.at(-1) : null;
    for (const [id, { text, at }] of noticed) {
      if (at >= takenAt) continue;
      const isBeyond = !!oldest && compareIds(id, oldest.id) > 0;
      const words = () => `“${text}” (${id}) was noticed at ${at} ms but is not in an answer`;
      this.#verdict.expect(2, isBeyond || this.#isKnown(id, text), words, text, id);
      noticed.delete(id);
    }
  }
}
