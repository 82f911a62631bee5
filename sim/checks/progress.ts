/** When the rebuilder's answers first reached each sequence. */
import type { Cursor } from "#schema/cursor";

export class Progress {
  readonly #answers: (Cursor & { at: number })[] = [];

  answered({ store, sequence }: Cursor, at: number): void {
    const last = this.#answers.at(-1);
    if (!last || last.store !== store || last.sequence < sequence)
      this.#answers.push({ at, store, sequence });
  }

  /** The highest sequence of a store that answers had reached by `time`. */
  reached(store: string, time: number): number {
    return this.#answers.findLast((each) => each.at <= time && each.store === store)?.sequence ?? 0;
  }
}
