/** Writes the keys of changed comments; a failed write is retried after a later rebuild. */
import type { StoredComment, StoredRecord } from "#schema/comment";
import { CLOCK_AHEAD_MAX_MS } from "#schema/limits";
import type { Journal } from "../../journal/journal";
import type { Ledger } from "../../ledger/ledger";
import type { Clock } from "../../platform/clock";
import type { Log } from "../../platform/log";
import { SteadyClock } from "../../platform/steady-clock";
import type { WriterState } from "../state/state";
import { LATE_PUT_MS } from "./late-put";

/** KV takes one write a second for one key. */
const KEY_WRITE_SPACING_MS = 1_000;

/**
 * Keys written at once. The platform queues puts beyond six by itself, so this adds no load; where it does not
 * queue, 24 puts of half a second make 2,880 a minute.
 */
const KEY_WRITES_AT_ONCE = 24;

/** Keys written per run, within one invocation's 1,000 operations. Each change and each rebuild starts a run. */
const KEY_WRITES_MAX = 300;

/** Written keys that are journaled together, to save rows. */
const KEYS_A_ROW = 50;

/**
 * Comments whose keys may be unwritten; beyond that, further flags are rejected. Three minutes at 1,000 a minute,
 * and at most 24 MB.
 */
const UNWRITTEN_MAX = 3_000;

interface KeyWriterParts {
  clock: Clock;
  journal: Journal;
  ledger: Ledger;
  state: WriterState;
  log: Log;
}

export class KeyWriter {
  readonly #parts: KeyWriterParts;
  readonly #state: WriterState;
  /** Due time of the next write of a key, for keys written or changed in the last second. */
  readonly #dueAt = new Map<string, number>();
  readonly #steady: SteadyClock;
  /** Until when, by the steady clock, an earlier put of a key, failed or of unknown outcome, may still take effect. */
  readonly #lateUntil = new Map<string, number>();
  #isWriting = false;
  #isClosed = false;

  constructor(parts: KeyWriterParts) {
    this.#parts = parts;
    this.#state = parts.state;
    this.#steady = new SteadyClock(parts.clock);
    // The previous incarnation may have ended during these puts.
    for (const id of parts.state.unwritten.keys()) this.expectPut(id);
  }

  /** Whether so many comments wait for their keys that no further change is accepted. */
  get isFull(): boolean {
    if (this.#state.unwritten.size < UNWRITTEN_MAX) return false;
    // Removals are a few bytes each and never rejected.
    return this.#state.unwrittenComments >= UNWRITTEN_MAX;
  }

  /** Puts the next write of a key a second away: it may have been written just now, or is about to be. */
  space(id: string): void {
    this.#dueAt.set(id, this.#parts.clock.now() + KEY_WRITE_SPACING_MS);
  }

  /** Notes that another put of this key may be under way, and may overwrite a put from here. */
  expectPut(id: string): void {
    this.#lateUntil.set(id, this.#steady.now() + LATE_PUT_MS);
  }

  /** Stops it: what is not under way is left to another one. */
  close(): void {
    this.#isClosed = true;
  }

  /** Writes the due keys, several at once; a slow put delays no other. */
  async write(): Promise<void> {
    // Each rebuild comes here: the steady clock advances.
    this.#steady.now();
    if (this.#isWriting || this.#isClosed) return;
    this.#isWriting = true;
    try {
      const now = this.#parts.clock.now();
      const due = [...this.#state.unwritten.values()]
        .filter(({ id }) => this.#isDue(id, now))
        .slice(0, KEY_WRITES_MAX);
      const written: [string, number][] = [];
      const writeNext = async () => {
        for (let record = due.shift(); record && !this.#isClosed; record = due.shift()) {
          const entry = await this.#writeOne(record);
          if (entry && this.#isFinal(entry)) written.push(entry);
          if (written.length >= KEYS_A_ROW) this.#settle(written.splice(0));
        }
      };
      // All of them end before another run may begin, also if the journal refuses a row.
      const ends = await Promise.allSettled(Array.from({ length: KEY_WRITES_AT_ONCE }, writeNext));
      for (const end of ends) if (end.status === "rejected") throw end.reason;
      this.#settle(written);
    } catch (error) {
      this.#parts.log("keys not written", { error });
    } finally {
      this.#isWriting = false;
    }
  }

  /**
   * Notes that the entrypoint has stored a bot's message, which was journaled first: its key need not be written
   * here.
   */
  holds({ id, sequence }: StoredComment): void {
    this.#lateUntil.delete(id);
    const unwritten = this.#state.unwritten.get(id);
    if (!unwritten || unwritten.sequence > sequence) return;
    this.#settle([[id, sequence]]);
  }

  #settle(records: [string, number][]): void {
    if (records.length === 0) return;
    const at = this.#parts.clock.now();
    this.#parts.journal.append({ kind: "written", records, at });
    for (const [id, sequence] of records) this.#state.settle(id, sequence, at);
  }

  forget(now: number): void {
    this.#state.rewriteRemovals(now);
    for (const id of this.#dueAt.keys()) if (this.#isDue(id, now)) this.#dueAt.delete(id);
    for (const id of this.#lateUntil.keys()) if (this.#lateMs(id) === 0) this.#lateUntil.delete(id);
  }

  /** A time later than any valid one was noted by a clock that ran ahead; such a key is due. */
  #isDue(id: string, now: number): boolean {
    const due = this.#dueAt.get(id) ?? 0;
    return due <= now || due > now + LATE_PUT_MS + CLOCK_AHEAD_MAX_MS;
  }

  /**
   * Whether a key need not be written again. It is written once more when no earlier put can overwrite it any more:
   * always for a removal and its undo, for a flag only if such a put is known of.
   */
  #isFinal([id, sequence]: [string, number]): boolean {
    const record = this.#state.unwritten.get(id);
    if (!record || record.sequence !== sequence) return true;
    const now = this.#parts.clock.now();
    const isRemoval = "removed" in record;
    const isMarked = isRemoval || this.#state.isUndone(id);
    // A clock that ran ahead noted this, so its time is unknown: wait once more from now on.
    if (isMarked && this.#state.markedAt(id) > now + CLOCK_AHEAD_MAX_MS)
      this.#state.markAt(id, now);
    const afterMark = isMarked ? this.#state.markedAt(id) + LATE_PUT_MS : 0;
    const finalFrom = isRemoval ? afterMark : Math.max(afterMark, now + this.#lateMs(id));
    if (now >= finalFrom) return true;
    this.#dueAt.set(id, finalFrom);
    return false;
  }

  /** How long an earlier put of this key may still take effect, in ms. */
  #lateMs(id: string): number {
    return Math.max(0, (this.#lateUntil.get(id) ?? 0) - this.#steady.now());
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
