/**
 * Where older messages may be missing from what a page holds. A hole is named by the comment that
 * stands right after it, and knows with which `before` to ask for what belongs in it.
 */
import type { Comment } from "#schema/comment";
import { compareIds } from "#schema/id";

export class Holes {
  readonly #beforeById = new Map<string, string>();

  /** Older comments than `id` are to be asked for with `before`. */
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

  /** Names each hole anew whose comment is gone, by the next one after it. `comments` oldest first. */
  settle(comments: readonly Comment[], isHeld: (id: string) => boolean): void {
    for (const [id, before] of this.entries()) {
      if (isHeld(id)) continue;
      this.close(id);
      const after = comments.find((comment) => compareIds(comment.id, id) < 0);
      if (after && !this.#beforeById.has(after.id)) this.open(after.id, before);
    }
  }
}
