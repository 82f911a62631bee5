/** Brings the keys of changed comments up to date; what fails is tried again after a later rebuild. */
import type { StoredComment, StoredRecord } from "#schema/comment";
import { CLOCK_AHEAD_MAX_MS } from "#schema/limits";
import { chunks } from "../chunks";
import type { Clock } from "../clock";
import type { Journal } from "../journal/journal";
import { LATE_PUT_MS } from "../late-put";
import type { Log } from "../log";
import type { WallState } from "../wall-state";
import type { Ledger } from "./ledger";

/** One key takes one write a second. */
const KEY_WRITE_SPACING_MS = 1_000;

/** Keys written at once, and after one rebuild: within one invocation's 1,000 operations. */
const KEY_WRITES_AT_ONCE = 6;
const KEY_WRITES_MAX = 300;

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
  #isWriting = false;

  constructor(parts: KeyWriterParts) {
    this.#parts = parts;
    this.#state = parts.state;
  }

  /** A key may have been written just now, or will be: its next write is a second away. */
  space(id: string): void {
    this.#dueAt.set(id, this.#parts.clock.now() + KEY_WRITE_SPACING_MS);
  }

  async write(): Promise<void> {
    if (this.#isWriting) return;
    this.#isWriting = true;
    const { clock, journal, log } = this.#parts;
    try {
      const now = clock.now();
      const due = [...this.#state.unwritten.values()]
        .filter(({ id }) => this.#isDue(id, now))
        .slice(0, KEY_WRITES_MAX);
      for (const records of chunks(due, KEY_WRITES_AT_ONCE)) {
        const written = await Promise.all(records.map((record) => this.#writeOne(record)));
        const done = written
          .filter((entry) => entry !== null)
          .filter((entry) => this.#isFinal(entry));
        if (done.length === 0) continue;
        journal.append({ kind: "written", records: done });
        for (const [id, sequence] of done) this.#state.settle(id, sequence, clock.now());
      }
    } catch (error) {
      log("keys not written", { error });
    } finally {
      this.#isWriting = false;
    }
  }

  /** A bot's message was journaled before it was stored; now its key need not be written from here. */
  holds({ id, sequence }: StoredComment): void {
    const unwritten = this.#state.unwritten.get(id);
    if (!unwritten || unwritten.sequence > sequence) return;
    this.#parts.journal.append({ kind: "written", records: [[id, sequence]] });
    this.#state.settle(id, sequence, this.#parts.clock.now());
  }

  forget(now: number): void {
    for (const id of this.#dueAt.keys()) if (this.#isDue(id, now)) this.#dueAt.delete(id);
  }

  /** A time beyond any that is ever set was noted by a clock that was ahead and has been set right. */
  #isDue(id: string, now: number): boolean {
    const due = this.#dueAt.get(id) ?? 0;
    return due <= now || due > now + LATE_PUT_MS + CLOCK_AHEAD_MAX_MS;
  }

  /**
   * Whether a key need not be written again. That of a removal is, once no earlier write can take
   * effect over it any more.
   */
  #isFinal([id, sequence]: [string, number]): boolean {
    const record = this.#state.unwritten.get(id);
    if (!record || record.sequence !== sequence || !("removed" in record)) return true;
    const now = this.#parts.clock.now();
    const removedAt = this.#state.removedAt(id);
    // Removed by a clock that was ahead: it is not known when, so it is waited for once from now on.
    if (removedAt > now + CLOCK_AHEAD_MAX_MS) this.#state.recallRemoval(record, now);
    const lastsFrom = this.#state.removedAt(id) + LATE_PUT_MS;
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
      return null;
    } finally {
      this.space(record.id);
    }
  }
}
