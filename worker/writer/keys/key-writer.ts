/** Brings the keys of changed comments up to date; what fails is tried again after a later rebuild. */
import { isStoredComment, type StoredComment, type StoredRecord } from "#schema/comment";
import { CLOCK_AHEAD_MAX_MS } from "#schema/limits";
import type { Journal } from "../../journal/journal";
import type { Ledger } from "../../ledger/ledger";
import type { Clock } from "../../platform/clock";
import type { Log } from "../../platform/log";
import type { WallState } from "../state/state";
import { LATE_PUT_MS } from "./late-put";

/** One key takes one write a second. */
const KEY_WRITE_SPACING_MS = 1_000;

/**
 * Keys written at once. Of more than six the platform itself lets some wait, so that this is no load; where it
 * does not, 24 puts of half a second are 2,880 a minute.
 */
const KEY_WRITES_AT_ONCE = 24;

/** Keys written in one go: within one invocation's 1,000 operations. Each change and each rebuild starts a go. */
const KEY_WRITES_MAX = 300;

/** Written keys that are journaled as one row, so that a row is not written for each. */
const KEYS_A_ROW = 50;

/**
 * Comments whose keys may wait for a flag; then a further flag is refused. Three minutes of 1,000 a minute,
 * and at most 24 MB.
 */
const UNWRITTEN_MAX = 3_000;

interface KeyWriterParts {
  clock: Clock;
  journal: Journal;
  ledger: Ledger;
  state: WallState;
  log: Log;
}

export class KeyWriter {
  readonly #parts: KeyWriterParts;
  readonly #state: WallState;
  /** When the next write of a key is due, for keys written or changed in the last second. */
  readonly #dueAt = new Map<string, number>();
  /** Until when an earlier put of a key, which failed or was never heard of again, may yet take effect. */
  readonly #lateUntil = new Map<string, number>();
  #isWriting = false;

  constructor(parts: KeyWriterParts) {
    this.#parts = parts;
    this.#state = parts.state;
    // The incarnation before this one may have ended in the middle of these.
    for (const id of parts.state.unwritten.keys()) this.expectPut(id);
  }

  /** Whether so many comments wait for their keys that no further change may be taken. */
  get isFull(): boolean {
    const { unwritten } = this.#state;
    if (unwritten.size < UNWRITTEN_MAX) return false;
    // Removals are a few bytes each, and are never refused.
    return [...unwritten.values()].filter(isStoredComment).length >= UNWRITTEN_MAX;
  }

  /** A key may have been written just now, or will be: its next write is a second away. */
  space(id: string): void {
    this.#dueAt.set(id, this.#parts.clock.now() + KEY_WRITE_SPACING_MS);
  }

  /** Somebody else is putting this key, or may have been: that may take effect over what is written here. */
  expectPut(id: string): void {
    this.#lateUntil.set(id, this.#parts.clock.now() + LATE_PUT_MS);
  }

  /** Writes what is due, several at once; a slow put holds up no other. */
  async write(): Promise<void> {
    if (this.#isWriting) return;
    this.#isWriting = true;
    try {
      const now = this.#parts.clock.now();
      const due = [...this.#state.unwritten.values()]
        .filter(({ id }) => this.#isDue(id, now))
        .slice(0, KEY_WRITES_MAX);
      const written: [string, number][] = [];
      const writeOn = async () => {
        for (let record = due.shift(); record; record = due.shift()) {
          const entry = await this.#writeOne(record);
          if (entry && this.#isFinal(entry)) written.push(entry);
          if (written.length >= KEYS_A_ROW) this.#settle(written.splice(0));
        }
      };
      await Promise.all(Array.from({ length: KEY_WRITES_AT_ONCE }, writeOn));
      this.#settle(written);
    } catch (error) {
      this.#parts.log("keys not written", { error });
    } finally {
      this.#isWriting = false;
    }
  }

  /** A bot's message was journaled before it was stored; now its key need not be written from here. */
  holds({ id, sequence }: StoredComment): void {
    this.#lateUntil.delete(id);
    const unwritten = this.#state.unwritten.get(id);
    if (!unwritten || unwritten.sequence > sequence) return;
    this.#settle([[id, sequence]]);
  }

  #settle(records: [string, number][]): void {
    if (records.length === 0) return;
    this.#parts.journal.append({ kind: "written", records });
    for (const [id, sequence] of records) this.#state.settle(id, sequence, this.#parts.clock.now());
  }

  forget(now: number): void {
    for (const id of this.#dueAt.keys()) if (this.#isDue(id, now)) this.#dueAt.delete(id);
    for (const [id, until] of this.#lateUntil) if (until <= now) this.#lateUntil.delete(id);
  }

  /** A time beyond any that is ever set was noted by a clock that was ahead and has been set right. */
  #isDue(id: string, now: number): boolean {
    const due = this.#dueAt.get(id) ?? 0;
    return due <= now || due > now + LATE_PUT_MS + CLOCK_AHEAD_MAX_MS;
  }

  /**
   * Whether a key need not be written again. It need be once no earlier put can take effect over it any
   * more: always for a removal, for a flag where such a put is known of.
   */
  #isFinal([id, sequence]: [string, number]): boolean {
    const record = this.#state.unwritten.get(id);
    if (!record || record.sequence !== sequence) return true;
    const now = this.#parts.clock.now();
    const isRemoval = "removed" in record;
    // Removed by a clock that was ahead: it is not known when, so it is waited for once from now on.
    if (isRemoval && this.#state.removedAt(id) > now + CLOCK_AHEAD_MAX_MS)
      this.#state.recallRemoval(record, now);
    const lastsFrom = isRemoval
      ? this.#state.removedAt(id) + LATE_PUT_MS
      : (this.#lateUntil.get(id) ?? 0);
    if (now >= lastsFrom) return true;
    this.#dueAt.set(id, lastsFrom);
    return false;
  }

  async #writeOne(record: StoredRecord): Promise<[string, number] | null> {
    try {
      await this.#parts.ledger.write(record);
      return [record.id, record.sequence];
    } catch (error) {
      this.#parts.log("key not written", { id: record.id, error });
      this.expectPut(record.id);
      return null;
    } finally {
      this.space(record.id);
    }
  }
}
