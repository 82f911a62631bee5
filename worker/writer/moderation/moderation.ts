/** Admin actions: whether posting is paused, and the audit log. */
import type { AuditAction, AuditEntry } from "#schema/moderation";
import type { Clock } from "../../platform/clock";

/** Entries in one answer; the store keeps more. */
const SHOWN_ENTRIES = 500;

/** Storage of the pause and the audit log: strongly consistent, written before the answer. */
export interface ModerationStore {
  isPaused(): boolean;
  setPaused(paused: boolean): void;
  /** Adds an entry, and deletes the oldest beyond the bound. Returns the entry's id, which ascends. */
  note(entry: Omit<AuditEntry, "id">): number;
  /** Deletes an entry whose action failed. */
  retract(id: number): void;
  /** Commits all writes of `work`, or none if it throws. */
  atOnce<T>(work: () => T): T;
  /** The newest entries, newest first. */
  notes(limit: number): AuditEntry[];
}

export class ModerationDesk {
  readonly #store: ModerationStore;
  readonly #clock: Clock;
  #isPaused: boolean;

  constructor(store: ModerationStore, clock: Clock) {
    this.#store = store;
    this.#clock = clock;
    this.#isPaused = store.isPaused();
  }

  get isPaused(): boolean {
    return this.#isPaused;
  }

  /** Pauses or resumes posting. */
  pause(paused: boolean, reason: string | undefined, by?: string): void {
    if (paused === this.#isPaused) return;
    this.noted(paused ? "pause" : "unpause", undefined, reason, by, () =>
      this.#store.setPaused(paused),
    );
    this.#isPaused = paused;
  }

  /** Adds an entry to the audit log and returns its id. `by`: the name of the admin's token. */
  note(
    deed: AuditAction,
    target: string | undefined,
    reason: string | undefined,
    by?: string,
  ): number {
    const at = this.#clock.now();
    return this.#store.note({
      at,
      deed,
      ...(target && { target }),
      ...(reason && { reason }),
      ...(by && { by }),
    });
  }

  /** Does what an admin asked for and notes it: both or neither. `work` changes memory last, after its last write. */
  noted<T>(
    deed: AuditAction,
    target: string | undefined,
    reason: string | undefined,
    by: string | undefined,
    work: (entry: number) => T,
  ): T {
    return this.#store.atOnce(() => work(this.note(deed, target, reason, by)));
  }

  /** Deletes an entry whose action failed. */
  retract(id: number): void {
    this.#store.retract(id);
  }

  /** One of the newest entries. */
  entry(id: number): AuditEntry | undefined {
    return this.audit().find((entry) => entry.id === id);
  }

  audit(): AuditEntry[] {
    return this.#store.notes(SHOWN_ENTRIES);
  }
}
