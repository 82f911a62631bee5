/**
 * The single writer's state: the comments it holds, the view that readers copy, and the marks of comments that are
 * gone. It is made by applying journal rows in order, so a restart that reads the journal reaches the state of the
 * last incarnation.
 */

import {
  isStoredComment,
  type StoredComment,
  type StoredRecord,
  type StoredRemoval,
} from "#schema/comment";
import { suffixOf, timestampOf } from "#schema/id";
import {
  CLOCK_AHEAD_MAX_MS,
  NONCE_LIFETIME_MS,
  PENDING_LIFETIME_MS,
  WINDOW_SIZE,
} from "#schema/limits";
import { WallView } from "#schema/view/wall-view";
import {
  type CheckpointRow,
  type Journal,
  type JournalHead,
  type NonceSource,
  ROW_BYTES_MAX,
} from "../../journal/journal";
import { chunks, chunksOfBytes } from "../../platform/chunks";
import {
  bytesOfRecord,
  type JournalChange,
  type Mark,
  merge,
  type Proposal,
  removal,
  toComment,
  withMark,
  withProcessed,
} from "../../record";
import { Held } from "./held";
import { Marks, REMOVAL_MARK_LIFETIME_MS } from "./marks";
import { Nonces } from "./nonces";
import { Pending } from "./pending";

/** Marks in one row: a mark is at most 150 bytes. */
const ROW_MARKS_MAX = 3_000;

const NO_ARCHIVES: NonceSource = { archives: () => [], archivedId: () => null };

export interface Restored {
  state: WriterState;
  /** Changes in the journal's current generation. */
  changes: number;
  /** Time of the last rebuild according to the journal's rows, in ms; 0 if they have none. */
  rebuiltAt: number;
  /** Every key stored before this time, in ms, was read; 0 if the rows don't say. */
  readUntil: number;
}

export class WriterState {
  readonly held = new Held();
  readonly nonces: Nonces;
  readonly pending = new Pending();
  /** Records whose keys are not up to date yet. */
  readonly unwritten = new Map<string, StoredRecord>();
  view: WallView;
  readonly #marks = new Marks();

  constructor(head: JournalHead, archives: NonceSource = NO_ARCHIVES) {
    this.view = new WallView(head.store, head.birth);
    this.nonces = new Nonces(archives);
  }

  /** Restores the state from a journal, one row at a time: all rows together need not fit into memory. */
  static restore(
    head: JournalHead,
    journal: Pick<Journal, "read"> & NonceSource,
    now: number,
  ): Restored {
    const state = new WriterState(head, journal);
    let hasRows = false;
    let changes = 0;
    let rebuiltAt = 0;
    let readUntil = 0;
    for (const rows of journal.read()) {
      const isRestored = hasRows;
      changes = 0;
      state.nonces.beginGeneration();
      for (const row of rows) {
        hasRows = true;
        if (row.kind === "checkpoint") {
          // A later generation's checkpoint repeats the state that the rows before it have led to.
          if (!isRestored) state.#takeCheckpoint(row, now);
        } else if (row.kind === "changes") {
          // A row that was written before the first rebuild has no time.
          for (const change of row.changes) state.apply(change, row.rebuiltAt || now);
          changes += row.changes.length;
          rebuiltAt = Math.max(rebuiltAt, row.rebuiltAt);
          readUntil = Math.max(readUntil, row.readUntil ?? 0);
        } else if ((row.at ?? 0) <= now + CLOCK_AHEAD_MAX_MS) {
          // A clock that ran ahead wrote the others too early: an earlier put may have overwritten those keys since.
          for (const [id, sequence] of row.records) state.settle(id, sequence, now);
        }
      }
    }
    state.nonces.ask(journal.archives(now - NONCE_LIFETIME_MS));
    return { state, changes, rebuiltAt, readUntil };
  }

  /** A comment in memory: one of the newest, or one that waits for a bot. */
  known(id: string): StoredComment | undefined {
    return this.held.get(id) ?? this.pending.get(id);
  }

  /** The id under which a comment is known, following merges. */
  canonical(id: string): string {
    return this.#marks.canonical(id);
  }

  /** The comment with its mark applied: the higher sequence wins. */
  withMarks(comment: StoredComment): StoredComment {
    return withMark(comment, this.#marks.get(comment.id));
  }

  /** The marks of these ids, also for copies of removed messages that were never seen here. */
  marksOf(ids: readonly string[]): Mark[] {
    const ofCopy = (id: string): Mark[] =>
      this.isRemoved(id) ? [{ id, sequence: 0, at: 0, removed: true }] : [];
    return ids.flatMap((id) => this.#marks.get(id) ?? ofCopy(id));
  }

  /** Whether an id was merged into another one, or removed. */
  isGone(id: string): boolean {
    const mark = this.#marks.get(id);
    return mark?.mergedInto !== undefined || mark?.removed === true;
  }

  /** Whether a comment was removed, under any of its ids, even if this one was never seen. */
  isRemoved(id: string): boolean {
    return this.#marks.isRemoved(id);
  }

  /** The ids of copies that were merged into these comments. */
  copiesOf(ids: readonly string[]): string[] {
    return this.#marks.copiesOf(ids);
  }

  /** The number of comments whose keys are not up to date: `unwritten` without removals and merges. */
  get unwrittenComments(): number {
    return [...this.unwritten.values()].filter(isStoredComment).length;
  }

  /** The ids of removed copies of these messages, by the message's id. */
  removedCopiesOf(ids: readonly string[]): Map<string, string[]> {
    return this.#marks.removedCopiesOf(ids);
  }

  /** When a comment was removed, or came back by an undo, in ms; 0 if that is not known. */
  markedAt(id: string): number {
    return this.#marks.get(id)?.at ?? 0;
  }

  /** Takes the keys of removals for unwritten again that were settled in the future: an earlier put may have followed. */
  rewriteRemovals(now: number): void {
    for (const { id, sequence } of this.#marks.removedAhead(now)) {
      this.markAt(id, now);
      this.unwritten.set(id, { id, removed: true, sequence });
    }
  }

  /** Sets when a comment was marked, because the clock that told it was wrong. */
  markAt(id: string, at: number): void {
    this.#marks.setAt(id, at);
  }

  /** Whether a comment's removal was undone recently: a late write of its tombstone may still take effect. */
  isUndone(id: string): boolean {
    return this.#marks.get(id)?.undone === true;
  }

  /**
   * Marks a removal that is known only from the comment's key, after its mark here expired. A message so old that its
   * mark would have expired stays marked only until the next `forget`: old keys can be read at any rate.
   */
  recallRemoval(removal: StoredRemoval, now: number): void {
    const expired = now - REMOVAL_MARK_LIFETIME_MS;
    this.#remove(removal, timestampOf(removal.id) < expired ? expired : now);
  }

  /**
   * The changes that put each of these comments on the wall once: none for a known comment, a merge for a further
   * copy of a message (the smaller id stays), a removal for a copy of a removed message.
   */
  propose(arrivals: readonly StoredComment[]): Proposal[] {
    const proposals: Proposal[] = [];
    const firstOfBatch = new Map<string, StoredComment>();
    // Oldest first: of several copies in one batch the first one stays.
    for (const arrival of [...arrivals].sort((a, b) => (a.id < b.id ? -1 : 1))) {
      if (this.known(arrival.id) || this.isGone(arrival.id)) continue;
      const comment = this.withMarks(arrival);
      const batchKey = comment.nonce === undefined ? undefined : suffixOf(comment.id);
      const earlier = batchKey === undefined ? undefined : firstOfBatch.get(batchKey);
      const isCopy = earlier && comment.timestamp - earlier.timestamp <= NONCE_LIFETIME_MS;
      const known = isCopy ? earlier.id : this.nonces.find(comment);
      if (this.isRemoved(comment.id)) {
        proposals.push(removal(comment.id));
        continue;
      }
      if (known !== undefined && known !== comment.id && known < comment.id) {
        proposals.push(merge(comment.id, known));
        continue;
      }
      if (batchKey !== undefined) firstOfBatch.set(batchKey, comment);
      if (known === undefined || known === comment.id) {
        proposals.push({ record: comment });
      } else {
        const isProcessed =
          this.known(known)?.botParams.processed ?? this.#marks.get(known)?.processed;
        proposals.push(
          isProcessed
            ? { record: withProcessed(comment, true), unwritten: true }
            : { record: comment },
          merge(known, comment.id),
        );
      }
    }
    return proposals;
  }

  /**
   * Comments that enter the newest 500 again because another one left. Each entry is a change like any other, so
   * that readers who follow the changes hold the same 500.
   */
  proposeReentries(): Proposal[] {
    const shown = new Set(this.view.window.map(({ id }) => id));
    return this.held.comments
      .slice(0, WINDOW_SIZE)
      .filter(({ id }) => !shown.has(id))
      .map((record) => ({ record }));
  }

  /** Gives proposals the next sequences. */
  sequenced(proposals: readonly Proposal[]): JournalChange[] {
    return proposals.map((proposal, index) => {
      const sequence = this.view.sequence + 1 + index;
      return { ...proposal, record: { ...proposal.record, sequence } };
    });
  }

  apply({ record, unwritten, born }: JournalChange, at: number): void {
    const { id, sequence } = record;
    if ("mergedInto" in record) {
      this.held.remove(id);
      this.pending.remove(id);
      this.#marks.set({ id, sequence, at, mergedInto: record.mergedInto });
      this.view.apply({ sequence, removed: id });
    } else if ("removed" in record) {
      this.held.remove(id);
      this.pending.remove(id);
      this.#remove(record, at);
      this.view.apply({ sequence, removed: id });
    } else {
      if (!this.held.isBeyond(id)) this.held.put(record);
      // A message without a nonce may still be retried within its own request.
      if (record.nonce !== undefined || born) this.nonces.remember(id);
      const { processed } = record.botParams;
      if (processed === false) this.pending.put(record, at);
      else this.pending.remove(id);
      const before = this.#marks.get(id);
      // On a moved wall the comment's old key keeps the tombstone: it is not read any more.
      if (before?.removed && !unwritten) this.unwritten.delete(id);
      // A comment that follows its removal comes back by an undo.
      const isUndone = before?.removed === true || before?.undone === true;
      if (isUndone || (unwritten && processed !== undefined))
        this.#marks.set({
          id,
          sequence,
          at,
          ...(processed !== undefined && { processed }),
          ...(isUndone && { undone: true }),
        });
      this.view.apply({ sequence, comment: toComment(record) });
    }
    if (unwritten) this.unwritten.set(id, record);
  }

  /** Notes that the key of `id` holds the record of that sequence since `at`; the lifetime of its mark starts then. */
  settle(id: string, sequence: number, at: number): void {
    const record = this.unwritten.get(id);
    if (!record || record.sequence > sequence) return;
    this.unwritten.delete(id);
    this.#marks.setAt(id, at);
  }

  /** Drops expired nonces and pending comments, and the marks that were expired at `marksUntil`. */
  forget(now: number, marksUntil = now): void {
    this.#marks.forget(marksUntil, (id) => this.unwritten.has(id));
    this.nonces.forgetBefore(now - NONCE_LIFETIME_MS);
    this.pending.forgetBefore(now - PENDING_LIFETIME_MS);
  }

  /** The state as rows, made one by one, for `restore`. */
  *checkpoint(sequence = this.view.sequence): Generator<CheckpointRow> {
    const row = (part: Partial<CheckpointRow>): CheckpointRow => ({
      kind: "checkpoint",
      sequence,
      comments: [],
      marks: [],
      unwritten: [],
      ...part,
    });
    const rowsOf = <Kind extends StoredRecord>(records: Iterable<Kind>) =>
      chunksOfBytes(records, bytesOfRecord, ROW_BYTES_MAX);
    for (const comments of rowsOf(this.held.comments)) yield row({ comments });
    const unheld = this.pending.comments.filter(({ id }) => !this.held.get(id));
    for (const pending of rowsOf(unheld)) yield row({ pending });
    yield row({ dropped: this.pending.dropped });
    for (const unwritten of rowsOf(this.unwritten.values())) yield row({ unwritten });
    for (const marks of chunks([...this.#marks.values()], ROW_MARKS_MAX)) yield row({ marks });
  }

  #remove(removal: StoredRemoval, at: number): void {
    if (this.#marks.remove(removal, at)) this.nonces.recall(removal.id);
  }

  #takeCheckpoint(row: CheckpointRow, now: number): void {
    const { sequence, comments, marks, unwritten, pending = [], dropped = 0 } = row;
    this.pending.dropped += dropped;
    for (const comment of pending) this.pending.put(comment, now);
    for (const comment of comments) {
      this.held.put(comment);
      if (comment.botParams.processed === false) this.pending.put(comment, now);
    }
    for (const mark of marks) this.#marks.set(mark);
    for (const record of unwritten) this.unwritten.set(record.id, record);
    const window = this.held.comments.slice(0, WINDOW_SIZE).map(toComment);
    this.view = new WallView(this.view.store, sequence, window);
  }
}
