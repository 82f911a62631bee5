/**
 * Checks removals: once one is confirmed, the message is in no answer of the rebuilder and never comes back, except by an
 * undo: invariant 13. Copies of one message are removed together; they share their suffix.
 */
import type { Comment } from "#schema/comment";
import { isSameMessage, suffixOf } from "#schema/id";
import { OWN_REMOVAL_MS } from "#schema/limits";
import type { Outcome } from "#schema/problem";
import type { Verdict } from "./violation";

/** More than the object's clock can be behind. */
const CLOCK_MARGIN_MS = 15_000;

export interface OwnAttempt {
  isAuthor: boolean;
  ageMs: number;
}

export class RemovalChecker {
  readonly #verdict: Verdict;
  /** Suffixes of requested removals, with the number of requests; whether they took effect is unknown. */
  readonly #asked = new Map<string, number>();
  /** Suffixes of messages whose undo was requested: they may be gone or not. */
  readonly #undoing = new Set<string>();
  /** Suffixes of messages that are known to be back. */
  readonly #back = new Set<string>();
  /** Suffixes of messages whose nonce a stranger sends after their removal. */
  readonly #strange = new Set<string>();
  /** By suffix: the messages that are known to be gone, and since when. A nonce may name another one a day later. */
  readonly #done = new Map<string, { id: string; at: number }[]>();

  constructor(verdict: Verdict) {
    this.#verdict = verdict;
  }

  asked(id: string): void {
    this.#asked.set(suffixOf(id), (this.#asked.get(suffixOf(id)) ?? 0) + 1);
  }

  /** Whether nobody has undone the removal, so that a stranger may send the message's nonce. */
  letsStranger(id: string): boolean {
    if (this.#undoing.has(suffixOf(id))) return false;
    this.#strange.add(suffixOf(id));
    return true;
  }

  /** An admin is about to undo the removal. Whether that may be: not after a stranger has sent the message's nonce. */
  undoing(id: string): boolean {
    const suffix = suffixOf(id);
    if (this.#strange.has(suffix)) return false;
    this.#undoing.add(suffix);
    this.#done.delete(suffix);
    return true;
  }

  /** The undo was confirmed. */
  undone(id: string): void {
    this.#back.add(suffixOf(id));
  }

  wasUndone(id: string): boolean {
    return this.#undoing.has(suffixOf(id));
  }

  /** After all faults: a message that was removed once, and whose removal was undone, is there. */
  expectBack(): void {
    for (const suffix of this.#back) if (this.#asked.get(suffix) === 1) this.#asked.delete(suffix);
  }

  done(id: string): void {
    // Another request's removal, confirmed late, may have been undone.
    if (this.doneAt(id) !== undefined || this.wasUndone(id)) return;
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

  /** Checks that an answer does not show the hash with which an author takes a message down. */
  expectHidden(where: string, isShown: boolean): void {
    this.#verdict.looked(13);
    if (isShown) this.#verdict.fail(13, `the hash of an author's secret is in ${where}`, where);
  }

  /**
   * Checks the answer to a removal by somebody who has, or does not have, the author's secret. `ageMs` is the
   * message's age by the best clock.
   */
  expectOwn(id: string, outcome: Outcome<null>, { isAuthor, ageMs }: OwnAttempt): void {
    this.#verdict.looked(13);
    const isRefused = !outcome.ok && outcome.problem.status === 403;
    if (isAuthor && isRefused && outcome.problem.detail.includes("secret"))
      this.#verdict.fail(13, `the author of ${id} was refused as a stranger`, id);
    // It may be gone already, which counts as removed.
    if (!outcome.ok || this.mayBeGone(id)) return;
    if (!isAuthor) this.#verdict.fail(13, `${id} was taken down with a wrong secret`, id);
    if (ageMs > OWN_REMOVAL_MS + CLOCK_MARGIN_MS)
      this.#verdict.fail(13, `${id} was taken down ${ageMs} ms after it was sent`, id);
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
