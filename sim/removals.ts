/**
 * What admins took down: from the moment one was told so, it is in no answer of the rebuilder, and
 * never comes back: invariant 13. Copies of one message go together; they share their suffix.
 */
import type { Comment } from "#schema/comment";
import { isSameMessage, suffixOf } from "#schema/id";
import type { Verdict } from "./violation";

export class RemovalChecker {
  readonly #verdict: Verdict;
  /** By suffix: somebody asked for it; whether that took effect is not told. */
  readonly #asked = new Set<string>();
  /** By suffix: since when which message is known to be gone. A nonce may name another one a day later. */
  readonly #done = new Map<string, { id: string; at: number }[]>();

  constructor(verdict: Verdict) {
    this.#verdict = verdict;
  }

  asked(id: string): void {
    this.#asked.add(suffixOf(id));
  }

  done(id: string): void {
    if (this.doneAt(id) !== undefined) return;
    const suffix = suffixOf(id);
    this.#done.set(suffix, [...(this.#done.get(suffix) ?? []), { id, at: this.#verdict.now }]);
  }

  mayBeGone(id: string): boolean {
    return this.#asked.has(suffixOf(id));
  }

  /** Since when a message is known to be gone; `undefined` where it is not. */
  doneAt(id: string): number | undefined {
    return this.#done.get(suffixOf(id))?.find((gone) => isSameMessage(gone.id, id))?.at;
  }

  /** No comment of an answer, whose question was taken at `takenAt`, was taken down before. */
  expectGone(where: string, comments: readonly Pick<Comment, "id">[], takenAt: number): void {
    this.#verdict.looked(13);
    for (const { id } of comments)
      if ((this.doneAt(id) ?? Number.POSITIVE_INFINITY) < takenAt)
        this.#verdict.fail(13, `${id} was taken down and is in ${where}`, id);
  }

  /** Once all faults are over: nothing that is stored says what was taken down. */
  expectErased(
    where: string,
    ids: Iterable<string>,
    textOf: (id: string) => string,
    stored: readonly string[],
  ): void {
    this.#verdict.looked(13);
    for (const id of ids) {
      if (this.doneAt(id) === undefined || !textOf(id)) continue;
      const words = JSON.stringify(textOf(id));
      if (stored.some((value) => value.includes(words)))
        this.#verdict.fail(13, `${where} still says what ${id} said`, id);
    }
  }
}
