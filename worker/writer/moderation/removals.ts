/** Removes comments permanently, with all their copies. */

import { OWN_REMOVAL_MS } from "#schema/limits";
import type { OwnRemoved, Removed } from "../../contract/answers";
import type { Clock } from "../../platform/clock";
import { removal } from "../../record";
import type { Lookup } from "../lookup";
import type { Publisher } from "../publisher";
import type { Sequencer } from "../sequencer";
import type { WriterState } from "../state/state";
import type { ModerationDesk } from "./moderation";
import { provesAuthor } from "./secret";
import type { Sender } from "./senders";

interface RemovalsParts {
  clock: Clock;
  state: WriterState;
  sequencer: Sequencer;
  lookup: Lookup;
  publisher: Publisher;
  desk: ModerationDesk;
  /** Called with the ids of removed comments. */
  onRemoved: (ids: readonly string[]) => void;
}

export class Removals {
  readonly #parts: RemovalsParts;

  constructor(parts: RemovalsParts) {
    this.#parts = parts;
  }

  /**
   * Removes a comment permanently: no later answer contains it, even after stale reads or late writes. Its text is
   * erased from the journal at once, then from its key and the spare.
   */
  async remove(id: string, reason?: string): Promise<Removed> {
    const comment = await this.#parts.lookup.find(id);
    if (comment) {
      this.#takeDown([comment.id]);
      this.#parts.desk.note("remove", comment.id, reason);
    }
    return this.#parts.state.isRemoved(id) ? { state: "removed" } : this.#parts.lookup.notFound(id);
  }

  /**
   * The same for a message's author, within `OWN_REMOVAL_MS` of the post. Not in the audit log, which is the admins'
   * and bounded. A message that is gone already counts as removed, so that a retry succeeds: its hash is gone, too.
   */
  async removeOwn(id: string, secret: string): Promise<OwnRemoved> {
    const { clock, lookup, state } = this.#parts;
    const comment = await lookup.find(id);
    if (!comment) return state.isRemoved(id) ? { state: "removed" } : lookup.notFound(id);
    if (!provesAuthor(secret, comment.secretHash)) return { state: "wrong" };
    if (clock.now() - comment.timestamp > OWN_REMOVAL_MS) return { state: "late" };
    this.#takeDown([comment.id]);
    return { state: "removed" };
  }

  /**
   * Removes comments without looking them up. The caller erases their text from the journal's rows. Returns how
   * many of them were not gone already.
   */
  removeSome(ids: readonly string[]): number {
    this.#parts.sequencer.commit();
    // Only the nonce of a copy that was merged long ago identifies its message.
    const { nonces } = this.#parts.state;
    const known = new Set(ids.map((id) => this.#parts.state.canonical(nonces.ofCopy(id) ?? id)));
    const live = [...known].filter((id) => !this.#parts.state.isGone(id));
    if (live.length > 0) this.#takeDown(live, false);
    return live.length;
  }

  /** Removes comments that an import names as removed. */
  removeImported(ids: readonly string[]): void {
    const { state, desk } = this.#parts;
    const live = [...new Set(ids.map((id) => state.canonical(id)))].filter(
      (id) => !state.isGone(id),
    );
    if (live.length === 0) return;
    this.#takeDown(live);
    for (const id of live) desk.note("remove", id, "removed in the imported wall");
  }

  /** Adds the removal of a sender's messages to the audit log. */
  noteSender(sender: Sender, reason?: string): void {
    this.#parts.desk.note("remove_sender", sender, reason);
  }

  /** Whether a comment was removed, under any of its ids. */
  isRemoved(id: string): boolean {
    return this.#parts.state.isRemoved(id);
  }

  /** Removes merged copies too: a late write may still put their text into their keys. */
  #takeDown(ids: readonly string[], erasesNow = true): void {
    const gone = [...ids, ...this.#parts.state.copiesOf(ids)];
    this.#parts.sequencer.commit(gone.map(removal), erasesNow);
    this.#parts.onRemoved(gone);
    void this.#parts.publisher.publish();
  }
}
