/** Which message each nonce of the last 24 hours names. */
import type { StoredComment } from "#schema/comment";
import { isSameMessage, suffixOf, timestampOf } from "#schema/id";

/**
 * All copies of one message share their id's suffix, a digest of the nonce and of who sent it, so
 * the suffix stands for the nonce.
 */
export class Nonces {
  readonly #firstBySuffix = new Map<string, string>();

  remember(id: string): void {
    const suffix = suffixOf(id);
    // Set anew, so that the map stays in the order of arrival and the oldest can be dropped first.
    this.#firstBySuffix.delete(suffix);
    this.#firstBySuffix.set(suffix, id);
  }

  /** Remembers what is left of a message, unless its nonce names another one by now. */
  recall(id: string): void {
    if (!this.#firstBySuffix.has(suffixOf(id))) this.remember(id);
  }

  /** The id under which the message is known, when another copy of it came within 24 hours. */
  find(comment: Pick<StoredComment, "id" | "nonce">): string | undefined {
    if (comment.nonce === undefined) return undefined;
    return this.ofCopy(comment.id);
  }

  /** The same for an id alone: without a nonce suffixes are never alike. */
  ofCopy(copy: string): string | undefined {
    const id = this.#firstBySuffix.get(suffixOf(copy));
    return id !== undefined && isSameMessage(id, copy) ? id : undefined;
  }

  forgetBefore(time: number): void {
    for (const [suffix, id] of this.#firstBySuffix) {
      if (timestampOf(id) >= time) return;
      this.#firstBySuffix.delete(suffix);
    }
  }
}
