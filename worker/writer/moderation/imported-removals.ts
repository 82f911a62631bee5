/**
 * The removals that an import brings. A comment that is on the wall is removed; an unknown id is refused from now on,
 * by the record that a removed comment leaves in its key or row.
 */
import { isStoredComment, type StoredRemoval } from "#schema/comment";
import type { Imported } from "#schema/move";
import type { Ledger } from "../../ledger/ledger";
import { changedRow, type MessageStore, recordsIn } from "../../ledger/messages";
import type { Sequencer } from "../sequencer";
import type { WriterState } from "../state/state";
import type { Removals } from "./removals";

interface ImportedRemovalsParts {
  state: WriterState;
  sequencer: Sequencer;
  /** In Workers KV. */
  ledger: Ledger;
  /** The wall's comments on the `sqlite` ledger; absent on `kv`. */
  messages: MessageStore | undefined;
  removals: Removals;
}

/**
 * Latest ids remembered in memory as well, about 2 MB: KV may answer for a minute that their keys don't exist, and an
 * import would overwrite them.
 */
const RECENT_MAX = 20_000;

export class ImportedRemovals {
  readonly #parts: ImportedRemovalsParts;
  /** Whether their records are written. */
  readonly #recent = new Map<string, boolean>();

  constructor(parts: ImportedRemovalsParts) {
    this.#parts = parts;
  }

  /** Whether an id was imported as removed just now. */
  has(id: string): boolean {
    return this.#recent.has(id);
  }

  /** @throws when the ledger refuses; the same import can be repeated. */
  async removals(ids: readonly string[]): Promise<Pick<Imported, "removed" | "remembered">> {
    const { state, sequencer, ledger, messages, removals } = this.#parts;
    sequencer.commit();
    const wanted = [...new Set(ids)].filter((id) => !state.isRemoved(id));
    removals.stayRemoved(ids);
    const records = messages ? recordsIn(messages) : ledger;
    const entries = await records.read(wanted);
    const here: string[] = [];
    const unknown: string[] = [];
    for (const id of wanted) {
      const entry = entries.get(id) ?? null;
      if (state.isRemoved(id)) continue;
      if (state.known(id) || state.isGone(id)) here.push(id);
      else if (entry === null || entry === "corrupt") {
        if (!this.#recent.get(id)) unknown.push(id);
      } else if (isStoredComment(entry)) here.push(id);
      else if ("mergedInto" in entry) here.push(entry.mergedInto);
    }
    removals.removeImported(here);
    await this.#remember(unknown);
    return { removed: here.length, remembered: unknown.length };
  }

  /**
   * Only in the ledger, and not as changes: a whole wall's removals, each kept in memory for a day, would not fit. The
   * wall never showed these ids, so no reader has to hear of them.
   */
  async #remember(ids: readonly string[]): Promise<void> {
    const { state, messages } = this.#parts;
    const { sequence } = state.view;
    for (const id of ids) this.#recent.set(id, false);
    for (const id of this.#recent.keys()) {
      if (this.#recent.size <= RECENT_MAX) break;
      this.#recent.delete(id);
    }
    const records = ids.map((id): StoredRemoval => ({ id, removed: true, sequence }));
    if (messages) for (const record of records) messages.change(changedRow(record));
    else await Promise.all(records.map((record) => this.#write(record)));
  }

  async #write(record: StoredRemoval): Promise<void> {
    await this.#parts.ledger.write(record);
    // A repeated request writes the others only: KV takes one write a second for a key.
    if (this.#recent.has(record.id)) this.#recent.set(record.id, true);
  }
}
