/** Which message each nonce of the last 24 hours names. */
import type { StoredComment } from "#schema/comment";
import { isSameMessage, suffixOf, timestampOf } from "#schema/id";

/**
 * All copies of one message share their id's suffix, a digest of the nonce and of who sent it, so
 * the suffix stands for the nonce.
 */
export class Nonces {
  readonly #firstBySuffix = new Map<string, string>();

  /**
   * Of two copies of one message the smaller id stays; of two messages, days apart, the nonce names the
   * newer one, also when a change to the older one comes later.
   */
  remember(id: string): void {
    const suffix = suffixOf(id);
    const known = this.#firstBySuffix.get(suffix);
    if (known === undefined || (isSameMessage(id, known) ? id < known : id > known))
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
    for (const [suffix, id] of this.#firstBySuffix)
      if (timestampOf(id) < time) this.#firstBySuffix.delete(suffix);
  }
}
