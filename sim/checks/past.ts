/** Checks the past that clients read page by page, against the messages they sent and the answers they got. */
import type { Comment } from "#schema/comment";
import { compareIds } from "#schema/id";
import type { Place } from "#schema/place";
import type { Read } from "#schema/read";
import type { History } from "./history";
import type { RemovalChecker } from "./removals";
import type { Verdict } from "./violation";

/**
 * 20 lists; a bulk get, plus five for each of four more looks after a page whose comments were all removed; the
 * published snapshot while the rebuilder is away.
 */
const OPERATIONS_MAX = 42;

export class PastChecker {
  readonly #verdict: Verdict;
  readonly #history: History;
  readonly #removals: RemovalChecker;
  pages = 0;

  constructor(verdict: Verdict, history: History, removals: RemovalChecker) {
    this.#verdict = verdict;
    this.#removals = removals;
    this.#history = history;
  }

  /** Checks a page that a client requested at `startedAt`. */
  page(
    name: string,
    { comments, spare }: Read,
    asked: { before: Place; limit: number; startedAt: number; operations: number },
  ): void {
    const { operations, limit, startedAt } = asked;
    const verdict = this.#verdict;
    this.pages += 1;
    verdict.expect(8, operations <= OPERATIONS_MAX, () => `a page took ${operations} operations`);
    verdict.expect(3, comments.length <= limit, () => `a page has ${comments.length} comments`);
    if (!spare) this.#removals.expectGone(`${name}'s page of the past`, comments, startedAt);
    let { id: before } = asked.before;
    for (const comment of comments) {
      const { id } = comment;
      const words = () => `${name} has ${id} out of order in the past`;
      verdict.expect(3, compareIds(id, before) > 0, words, name, id);
      before = id;
      this.#history.expectSent(comment);
      // The keys alone may lag behind the rebuilder's answers.
      if (spare) continue;
      this.#history.told(comment, startedAt);
      const isBack = this.#history.wasRemovedBefore(id, startedAt) && !this.#removals.wasUndone(id);
      verdict.expect(3, !isBack, () => `${id} came back in the past`, id);
    }
  }

  /** Checks the whole past, newest first, after all faults; `found` is the comment that each id leads to. */
  whole(comments: readonly Comment[], found: ReadonlyMap<string, Comment | null>): void {
    this.#history.expectOrder("the whole past", comments.toReversed());
    const shown = new Map(comments.map((comment) => [comment.id, comment]));
    this.#removals.expectGone("the whole past", comments, this.#verdict.now);
    for (const [asked, target] of found) {
      if (!target && this.#history.mayBeGone(asked)) continue;
      const id = target?.id ?? asked;
      if (this.#history.wasDropped(id)) continue;
      const words = () => `${id} was acknowledged but is not in the past`;
      this.#verdict.expect(1, shown.has(id), words, id, asked);
    }
    for (const id of this.#history.plantedIds()) {
      const mayBeGone = this.#removals.mayBeGone(id) || this.#history.wasDropped(id);
      const isThere = shown.has(id) || mayBeGone;
      this.#verdict.expect(
        1,
        isThere,
        () => `${id} was stored long before but is not in the past`,
        id,
      );
    }
    for (const comment of comments) this.#history.told(comment, this.#verdict.now);
  }
}
