/** Looks up one comment by any of its ids, in memory, else in the ledger. */
import { isStoredComment, type StoredComment } from "#schema/comment";
import type { NotFound } from "../contract/answers";
import { isUnsettled } from "../contract/unsettled";
import type { Ledger } from "../ledger/ledger";
import type { Clock } from "../platform/clock";
import type { Sequencer } from "./sequencer";
import type { WriterState } from "./state/state";

interface LookupParts {
  clock: Clock;
  records: Pick<Ledger, "read">;
  state: WriterState;
  sequencer: Sequencer;
  /** Whether memory knows every record from the moment it is stored. */
  isExact: boolean;
}

export class Lookup {
  readonly #parts: LookupParts;
  readonly #state: WriterState;

  constructor(parts: LookupParts) {
    this.#parts = parts;
    this.#state = parts.state;
  }

  /** The comment as it is now; `null` if there is none (any more). */
  async find(id: string): Promise<StoredComment | null> {
    const looked = await this.#look(id);
    if (!looked) return null;
    // A patch, a copy or a removal may have come while this waited for the ledger.
    this.#parts.sequencer.commit();
    if (this.#state.isRemoved(looked.id)) return null;
    if (this.#state.canonical(looked.id) !== looked.id) return this.find(looked.id);
    return this.#state.withMarks(this.#state.known(looked.id) ?? looked);
  }

  /**
   * Those of these comments that can be read: from memory, else from the ledger. At most 500 ids.
   * @throws when the ledger refuses.
   */
  async readAll(ids: readonly string[]): Promise<StoredComment[]> {
    const { records } = this.#parts;
    const inMemory = (id: string) => this.#state.known(id) ?? this.#state.unwritten.get(id);
    const entries = await records.read(
      ids.filter((id) => !inMemory(id)),
      "history",
    );
    return ids.flatMap((id) => {
      const found = inMemory(id) ?? entries.get(id) ?? null;
      if (found === null || found === "corrupt" || !isStoredComment(found)) return [];
      return this.#state.withMarks(found);
    });
  }

  /** Why a comment is not found: it may still appear, or it never will. */
  notFound(id: string): NotFound {
    if (this.#state.isRemoved(id)) return { state: "gone" };
    return { state: isUnsettled(id, this.#parts.clock.now()) ? "unsettled" : "absent" };
  }

  /** The comment from memory, else from the ledger. */
  async #look(id: string): Promise<StoredComment | null> {
    const { sequencer, clock, records, isExact } = this.#parts;
    sequencer.commit();
    const known = this.#state.canonical(id);
    if (this.#state.isRemoved(known)) return null;
    const remembered = this.#state.known(known);
    if (remembered) return remembered;
    const entry = (await records.read([known])).get(known) ?? null;
    if (entry === null || entry === "corrupt") return null;
    if ("mergedInto" in entry) return this.#look(entry.mergedInto);
    if ("removed" in entry) {
      // The removal was undone, and the key, or what KV still answers for it, is older.
      const undone = this.#state.unwritten.get(known);
      if (undone && isStoredComment(undone)) return undone;
      this.#state.recallRemoval(entry, clock.now());
      return null;
    }
    // One that was evicted must not be taken twice.
    if (!isExact && !this.#state.held.isBeyond(known)) {
      // Its notice is delayed or lost: show it from now on, once for its nonce.
      sequencer.arrive(entry);
      sequencer.commit();
      return this.#state.known(this.#state.canonical(known)) ?? null;
    }
    return entry;
  }
}
