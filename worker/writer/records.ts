/** Every record of a wall, in rows and in memory: for pages of the past, and for the move to another ledger. */

import { isStoredComment, type StoredComment, type StoredRecord } from "#schema/comment";
import { formatCursor } from "#schema/cursor";
import { compareIds } from "#schema/id";
import { REMOVED_PAGE_MAX } from "#schema/limits";
import type { HistoryQuery, PendingQuery, Read } from "#schema/read";

import type { PastPage } from "../contract/answers";
import type { Overlay, Stretch } from "../contract/overlay";
import { type MessageStore, recordOf } from "../ledger/messages";
import { toComment } from "../record";
import type { Sequencer } from "./sequencer";
import type { WriterState } from "./state/state";

interface RecordsParts {
  /** Absent on `kv`. */
  messages: MessageStore | undefined;
  state: WriterState;
  sequencer: Sequencer;
}

export class Records {
  readonly #parts: RecordsParts;

  constructor(parts: RecordsParts) {
    this.#parts = parts;
  }

  /** The comments held here in a stretch of the past, and the marks of those ids in `listed` that are not held. */
  overlay({ after, until, max }: Stretch, listed: readonly string[]): Overlay {
    const { state, sequencer } = this.#parts;
    sequencer.commit();
    const { held } = state;
    const unheld = listed.filter((id) => held.get(id) === undefined);
    // Their keys may still say that they are removed.
    const undone = unheld.flatMap((id) => {
      const record = state.isUndone(id) ? state.unwritten.get(id) : undefined;
      return record && isStoredComment(record) ? record : [];
    });
    return { held: [...held.between(after, until, max), ...undone], marks: state.marksOf(unheld) };
  }

  /** The comments that wait for a bot, except those that are claimed: highest priority first, then oldest. */
  pending(
    query: PendingQuery,
    now: number,
    claimed: () => readonly string[],
  ): Omit<Read, "rebuiltAt"> {
    const { state, sequencer } = this.#parts;
    // A merge passes a claim on.
    sequencer.commit();
    return {
      comments: state.pending.next(query, now, new Set(claimed())).map(toComment),
      removed: [],
      cursor: formatCursor(state.view.cursor),
      gap: false,
    };
  }

  /** A page of the past, newest first. Reads one comment more than fits, to learn whether any are left. */
  history({ before, limit }: HistoryQuery): PastPage {
    const { messages, sequencer } = this.#parts;
    if (!messages) throw new Error("this wall's comments are in KV");
    sequencer.commit();
    const comments: StoredComment[] = [];
    const removed: string[] = [];
    let after = before.id;
    let isEnd = false;
    // Twice as many with each query: few queries however many rows in a row are removed, and however short the page.
    for (
      let size = limit + 1;
      comments.length <= limit && removed.length < REMOVED_PAGE_MAX;
      size = Math.min(2 * size, REMOVED_PAGE_MAX)
    ) {
      const rows = messages.behind(after, size);
      // A row should never be older than the record in memory; if it is, this still hides removed text.
      const records = rows.map((row) => this.asKnown(recordOf(row)));
      comments.push(...records.filter(isStoredComment));
      removed.push(...records.flatMap((record) => ("removed" in record ? record.id : [])));
      const last = rows.at(-1);
      isEnd = !last;
      if (!last) break;
      after = last.id;
    }
    const page = comments.slice(0, limit);
    if (comments.length > limit)
      return { comments: page, removed, nextBefore: page.at(-1)?.id ?? null };
    return { comments: page, removed, nextBefore: isEnd ? null : after };
  }

  /** The newest version of a record, which may be in memory rather than in `record`. */
  asKnown(record: StoredRecord): StoredRecord {
    const { id, sequence } = record;
    const { state } = this.#parts;
    const newer = [state.unwritten.get(id), state.known(id)];
    const known = newer.find((candidate) => candidate && candidate.sequence > sequence);
    if (known) return known;
    const [mark] = state.marksOf([id]);
    // A merge has no text to hide, and an undo of the removal of its message needs it.
    const isHidden = isStoredComment(record) || (mark?.sequence ?? 0) > sequence;
    if (mark?.removed && isHidden)
      return { id, removed: true, sequence: Math.max(mark.sequence, sequence) };
    // Its key may have been read as it was before the merge was written there.
    if (mark?.mergedInto && isStoredComment(record))
      return { id, mergedInto: mark.mergedInto, sequence: Math.max(mark.sequence, sequence) };
    return isStoredComment(record) ? state.withMarks(record) : record;
  }

  /** At most `max` of the records in memory that come after an id in the wall's order. */
  known(after: string | undefined, max: number): StoredRecord[] {
    const { held, pending } = this.#parts.state;
    const byId = new Map<string, StoredRecord>();
    for (const record of [...held.comments, ...pending.comments, ...this.unwritten()])
      if (after === undefined || compareIds(record.id, after) > 0) byId.set(record.id, record);
    return [...byId.values()].sort((a, b) => compareIds(a.id, b.id)).slice(0, max);
  }

  /** Shows the records that no list, notice or key has brought so far. */
  meet(records: readonly StoredRecord[]): void {
    const { state, sequencer } = this.#parts;
    for (const record of records)
      if (isStoredComment(record) && !state.held.isBeyond(record.id)) sequencer.arrive(record);
    sequencer.commit();
  }

  /** The records whose keys are not up to date yet. */
  unwritten(): StoredRecord[] {
    return [...this.#parts.state.unwritten.values()];
  }
}
