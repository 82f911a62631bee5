/**
 * Places where older messages may be missing from the page. A hole has the id of the comment right
 * after it, and stores the `before` parameter of the request that reads the missing messages.
 */
import type { Comment } from "#schema/comment";
import { compareIds } from "#schema/id";

export class Holes {
  readonly #beforeById = new Map<string, string>();

  /** Opens a hole in front of the comment `id`; `before` is the parameter that reads it. */
  open(id: string, before: string): void {
    this.#beforeById.set(id, before);
  }

  close(id: string): void {
    this.#beforeById.delete(id);
  }

  clear(): void {
    this.#beforeById.clear();
  }

  before(id: string): string | null {
    return this.#beforeById.get(id) ?? null;
  }

  ids(): ReadonlySet<string> {
    return new Set(this.#beforeById.keys());
  }

  entries(): [id: string, before: string][] {
    return [...this.#beforeById];
  }

  /**
   * Moves each hole whose comment is gone to the next newer comment, or closes it if there is none or
   * that one has a hole already. `comments` are sorted oldest first.
   */
  settle(comments: readonly Comment[], isHeld: (id: string) => boolean): void {
    for (const [id, before] of this.entries()) {
      if (isHeld(id)) continue;
      this.close(id);
      const after = comments.find((comment) => compareIds(comment.id, id) < 0);
      if (after && !this.#beforeById.has(after.id)) this.open(after.id, before);
    }
  }
}
