/**
 * Checks removals: once one is confirmed, the message is in no answer of the rebuilder and never comes back:
 * invariant 13. Copies of one message are removed together; they share their suffix.
 */
import type { Comment } from "#schema/comment";
import { isSameMessage, suffixOf } from "#schema/id";
import type { Verdict } from "./violation";

export class RemovalChecker {
  readonly #verdict: Verdict;
  /** Suffixes of requested removals; whether they took effect is unknown. */
  readonly #asked = new Set<string>();
  /** By suffix: the messages that are known to be gone, and since when. A nonce may name another one a day later. */
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

  /** Since when a message is known to be gone; `undefined` if it is not. */
  doneAt(id: string): number | undefined {
    return this.#done.get(suffixOf(id))?.find((gone) => isSameMessage(gone.id, id))?.at;
  }

  /** Checks that an answer, whose request was taken at `takenAt`, has no comment that was removed before. */
  expectGone(where: string, comments: readonly Pick<Comment, "id">[], takenAt: number): void {
    this.#verdict.looked(13);
    for (const { id } of comments)
      if ((this.doneAt(id) ?? Number.POSITIVE_INFINITY) < takenAt)
        this.#verdict.fail(13, `${id} was removed but is in ${where}`, id);
  }

  /** After all faults: no stored value contains the text of a removed message. */
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
        this.#verdict.fail(13, `${where} still contains the text of ${id}`, id);
    }
  }
}
