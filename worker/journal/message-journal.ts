/**
 * The journal where messages are rows of their own: a message that is born is journaled by its row
 * alone. What else changes is journaled as ever, and changes the message's row in the same step.
 */
import { timestampOf } from "#schema/id";
import type { Claim } from "../claims";
import { birthOf, changedRow, type MessageStore, rowOf } from "../ledger/messages";
import type {
  CheckpointRow,
  Journal,
  JournalChange,
  JournalHead,
  JournalRow,
  NonceArchive,
} from "./journal";

export class MessageJournal implements Journal {
  readonly holdsRecords = true;
  readonly #inner: Journal;
  readonly #messages: MessageStore;
  /** Every message that is born from now on is younger. */
  #stamp: number;

  constructor(inner: Journal, messages: MessageStore) {
    this.#inner = inner;
    this.#messages = messages;
    this.#stamp = messages.newest();
  }

  /** Births stand among the other changes by their sequence, in the generation that they belong to. */
  read(): JournalRow[][] {
    const [older = [], newer = []] = this.#inner.read();
    // The first generation of all has no checkpoint: it begins with the wall. Those of a wall that was moved
    // have no stamp: without the move's own, a start would read every message that was copied.
    const moved = this.#inner.head()?.stamp ?? 0;
    const { stamp = moved, sequence: begun = 0 } = checkpointOf(older) ?? {};
    const births = this.#messages
      .youngerThan(stamp)
      .filter(({ sequence }) => sequence > begun)
      .map(birthOf)
      .sort((a, b) => a.record.sequence - b.record.sequence);
    const isOlder = upTo(births, checkpointOf(newer)?.sequence ?? 0);
    return [interleaved(older, isOlder), interleaved(newer, births)];
  }

  append(row: JournalRow): void {
    if (row.kind !== "changes") {
      this.#inner.append(row);
      return;
    }
    this.#inner.atOnce(() => {
      const others: JournalChange[] = [];
      for (const { record, born, unwritten } of row.changes) {
        if (born && "text" in record) {
          this.#messages.insert(rowOf(record));
          this.#stamp = record.timestamp;
          continue;
        }
        others.push({ record });
        if (unwritten || !this.#messages.get(record.id)) this.#messages.change(changedRow(record));
      }
      if (others.length > 0) this.#inner.append({ ...row, changes: others });
    });
  }

  /** Says of the new generation behind which timestamp its messages are born. */
  rotate(checkpoint: CheckpointRow[], nonces: NonceArchive): void {
    const stamp = this.#stamp;
    this.#inner.rotate(
      checkpoint.map((row) => ({ ...row, stamp })),
      nonces,
    );
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

  nonces(since: number): NonceArchive[] {
    return this.#inner.nonces(since);
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
}

function checkpointOf([first]: JournalRow[]): CheckpointRow | undefined {
  return first?.kind === "checkpoint" ? first : undefined;
}

/** Takes the changes up to a sequence off the front. */
function upTo(changes: JournalChange[], sequence: number): JournalChange[] {
  const end = changes.findIndex(({ record }) => record.sequence > sequence);
  return changes.splice(0, end < 0 ? changes.length : end);
}

/** Rows and births in the order of their sequences; what has none stands where it stood. */
function interleaved(rows: readonly JournalRow[], births: JournalChange[]): JournalRow[] {
  const merged: JournalRow[] = [];
  const bring = (changes: JournalChange[]) => {
    for (const change of changes)
      merged.push({
        kind: "changes",
        rebuiltAt: timestampOf(change.record.id),
        changes: [change],
      });
  };
  for (const row of rows) {
    if (row.kind !== "changes") {
      merged.push(row);
      continue;
    }
    // A row may hold changes around those of messages that were born in the same step.
    for (const change of row.changes) {
      bring(upTo(births, change.record.sequence));
      merged.push({ ...row, changes: [change] });
    }
  }
  bring(births);
  return merged;
}
