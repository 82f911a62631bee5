/**
 * The journal on the `sqlite` ledger. A new message ("birth") is journaled by its own row alone. All other changes are
 * journaled as on `kv`, and update the message's row in the same step.
 */
import { isStoredComment, type StoredRecord } from "#schema/comment";
import { timestampOf } from "#schema/id";
import { birthOf, changedRow, type MessageStore, rowOf } from "../ledger/messages";
import type { Claim, JournalChange } from "../record";
import type { CheckpointRow, Journal, JournalHead, JournalRow, NonceArchive } from "./journal";

export class MessageJournal implements Journal {
  readonly #inner: Journal;
  readonly #messages: MessageStore;
  /** Whether the wall was moved here from `kv`. Read once: a read that fails after a commit would leave it half done. */
  readonly #isMoved: boolean;

  constructor(inner: Journal, messages: MessageStore) {
    this.#inner = inner;
    this.#messages = messages;
    this.#isMoved = inner.head()?.stamp !== undefined;
  }

  /**
   * A change is in its row at once. But a moved wall left its keys in KV, and removed text must leave them too; so
   * must a merged copy's, because no later removal knows the copy.
   */
  hasStaleKey(record: StoredRecord): boolean {
    return !isStoredComment(record) && this.#isMoved;
  }

  /** Merges births with the other changes of their generation, in the order of their sequences. */
  read(): Iterable<JournalRow>[] {
    const [older = [], newer = []] = this.#inner.read();
    const until = checkpointOf(newer)?.sequence ?? 0;
    return [
      { [Symbol.iterator]: () => interleaved(older, this.#births(older, until)) },
      {
        [Symbol.iterator]: () => interleaved(newer, this.#births(newer, Number.POSITIVE_INFINITY)),
      },
    ];
  }

  append(row: JournalRow): void {
    if (row.kind !== "changes") {
      this.#inner.append(row);
      return;
    }
    this.#inner.atOnce(() => {
      const others: JournalChange[] = [];
      for (const { record, born, unwritten, undone } of row.changes) {
        if (born && "text" in record) {
          this.#messages.insert(rowOf(record));
          continue;
        }
        others.push({
          record,
          ...(unwritten && this.hasStaleKey(record) && { unwritten }),
          ...(undone && { undone }),
        });
        if (unwritten || !this.#messages.get(record.id))
          this.#messages.change(changedRow(record, undone));
      }
      if (others.length > 0) this.#inner.append({ ...row, changes: others });
    });
  }

  /**
   * Stamps the new generation with the newest message's timestamp. Later births are younger than all existing
   * messages, imported ones included, so a start need not read these.
   */
  rotate(checkpoint: Iterable<CheckpointRow>, nonces: readonly NonceArchive[]): number[] {
    return this.#inner.rotate(stamped(checkpoint, this.#messages.newest()), nonces);
  }

  rename(
    store: Pick<JournalHead, "store" | "birth">,
    checkpoint: () => Iterable<CheckpointRow>,
    nonces: readonly NonceArchive[],
  ): number[] {
    const stamp = this.#messages.newest();
    return this.#inner.rename(store, () => stamped(checkpoint(), stamp), nonces);
  }

  head(): JournalHead | null {
    return this.#inner.head();
  }

  create(head: JournalHead): void {
    this.#inner.create(head);
  }

  atOnce<T>(work: () => T): T {
    return this.#inner.atOnce(work);
  }

  erase(ids: readonly string[]): void {
    this.#inner.erase(ids);
  }

  archives(since: number) {
    return this.#inner.archives(since);
  }

  archivedId(key: number, suffix: string): string | null {
    return this.#inner.archivedId(key, suffix);
  }

  forgetArchives(before: number): void {
    this.#inner.forgetArchives(before);
  }

  claims(): Claim[] {
    return this.#inner.claims();
  }

  claim(claim: Claim): void {
    this.#inner.claim(claim);
  }

  endClaim(id: string): void {
    this.#inner.endClaim(id);
  }

  forgetClaims(time: number): void {
    this.#inner.forgetClaims(time);
  }

  published(): number {
    return this.#inner.published();
  }

  publish(sequence: number): void {
    this.#inner.publish(sequence);
  }

  /** The births of a generation, up to a sequence, in the order of their sequences. */
  *#births(generation: Iterable<JournalRow>, until: number): Generator<JournalChange> {
    // A wall's first generation has no checkpoint. Generations from before a move have no stamp: without the stamp
    // of the move, a start would read every copied message.
    const moved = this.#inner.head()?.stamp ?? 0;
    const { stamp = moved, sequence: start = 0 } = checkpointOf(generation) ?? {};
    // The timestamps of births ascend with their sequences.
    for (const row of this.#messages.youngerThan(stamp)) {
      if (row.sequence > until) return;
      if (row.sequence > start) yield birthOf(row);
    }
  }
}

function checkpointOf([first]: Iterable<JournalRow>): CheckpointRow | undefined {
  return first?.kind === "checkpoint" ? first : undefined;
}

function* stamped(checkpoint: Iterable<CheckpointRow>, stamp: number): Generator<CheckpointRow> {
  for (const row of checkpoint) yield { ...row, stamp };
}

/** Rows and births in the order of their sequences. Rows without a sequence keep their place. */
function* interleaved(
  rows: Iterable<JournalRow>,
  births: Iterator<JournalChange>,
): Generator<JournalRow> {
  let next = births.next();
  function* bringUpTo(sequence: number): Generator<JournalRow> {
    for (; !next.done && next.value.record.sequence <= sequence; next = births.next()) {
      const rebuiltAt = timestampOf(next.value.record.id);
      yield { kind: "changes", rebuiltAt, changes: [next.value] };
    }
  }
  for (const row of rows) {
    if (row.kind !== "changes") {
      yield row;
      continue;
    }
    // Births of the same step may fall between the changes of one row.
    for (const change of row.changes) {
      yield* bringUpTo(change.record.sequence);
      yield { ...row, changes: [change] };
    }
  }
  yield* bringUpTo(Number.POSITIVE_INFINITY);
}
