/**
 * Moves a wall's comments from Workers KV into the rebuilder's own SQLite, one page of keys per step: a caller may
 * stop after any step and another may continue. First the keys are counted, then copied together with the
 * rebuilder's own records, then read again and compared with the rows.
 *
 * From the first step to the last, each change that the rebuilder commits is written to the rows in the same
 * transaction (`follow`). So the rows are never behind, whichever page a change belongs to.
 */
import { createHash } from "node:crypto";
import { isStoredComment, type StoredComment, type StoredRecord } from "#schema/comment";
import type { MovePhase, MoveProgress } from "#schema/move";
import { type Ledger, PlaceRefused } from "../../ledger/ledger";
import { changedRow, type MessageRow, type MessageStore, recordOf } from "../../ledger/messages";
import type { SqliteMessages } from "../../ledger/sqlite-messages";
import type { Clock } from "../../platform/clock";
import { CountedSql, type SqliteStorage } from "../../platform/counted-sql";
import type { Log } from "../../platform/log";
import type { Operations } from "../../platform/operations";

/** Steps in which a listed key may stay unreadable: KV may take a minute "or more". */
const WAITS_MAX = 60;

const FOLLOWING = { counting: "copying", copying: "verifying", verifying: "done" } as const;

/** Records copied at a time, about 10 ms of work; waiting calls are answered in between. */
const RECORDS_AT_A_TIME = 250;

interface State extends MoveProgress {
  cursor: string | null;
  waits: number;
  doneAt?: number;
  /** The last of the rebuilder's own records that was copied: an id, or `null` once all are. */
  knownTo?: string | null;
}

/** The answer of a wall that was never in KV. */
export const NOTHING_TO_MOVE: MoveProgress = {
  phase: "done",
  seen: 0,
  total: 0,
  corrupt: 0,
  unreadable: 0,
  waiting: 0,
  digests: { keys: "", rows: "" },
};

interface MoveParts {
  ledger: Ledger;
  messages: SqliteMessages;
  /** The single writer's version of a record, which may be newer than its key. */
  asKnown: (record: StoredRecord) => StoredRecord;
  /** Tells the single writer of a key. */
  notice: (comment: StoredComment) => void;
  /** The single writer's records after an id in the wall's order; KV's list may not show them yet. */
  known: (after: string | undefined, max: number) => StoredRecord[];
  /** Shows what no rebuild has read. */
  meet: () => void;
  /** Switches the wall to its rows, in the storage only. */
  finish: () => void;
  /** Called once the wall is switched. */
  finished: () => void;
  clock: Clock;
  log: Log;
}

export class Move {
  readonly #sql: CountedSql;
  #state: State | null;
  #underWay: Promise<MoveProgress> | null = null;

  constructor(storage: SqliteStorage, operations: Operations) {
    this.#sql = new CountedSql(storage, operations);
    this.#sql.write("CREATE TABLE IF NOT EXISTS move (id INTEGER PRIMARY KEY, body TEXT NOT NULL)");
    const [row] = this.#sql.rows<{ body: string }>("SELECT body FROM move");
    this.#state = row ? JSON.parse(row.body) : null;
  }

  /** Progress of the move; `null` if none was begun. */
  get progress(): MoveProgress | null {
    return this.#state;
  }

  /** When the move was done, in ms; `null` before that. */
  get doneAt(): number | null {
    return this.#state?.doneAt ?? null;
  }

  /** Writes committed changes to the rows while a move is under way. */
  follow(records: readonly StoredRecord[], messages: MessageStore): void {
    if (this.#state === null || this.#state.phase === "done") return;
    for (const record of records) copy(record, messages);
  }

  /** Runs one step; a call during a step waits for that one. @throws when the keys can't be read. */
  step(parts: MoveParts): Promise<MoveProgress> {
    this.#underWay ??= this.#step(parts).finally(() => {
      this.#underWay = null;
    });
    return this.#underWay;
  }

  async #step(parts: MoveParts): Promise<MoveProgress> {
    // The state stored here pauses posting from the first step on.
    const state = this.#state ?? this.#keep(fresh("counting"));
    if (state.phase === "done") return state;
    if (state.phase === "copying" && state.knownTo !== null) return this.#copyKnown(parts, state);
    // An earlier release began this move and did not write changes to the rows: read the keys again.
    if (state.phase === "verifying" && state.knownTo !== null) return this.#begin("copying", state);
    try {
      const page = await parts.ledger.newest(state.cursor ?? undefined, "move");
      const after = await this.#takePage(parts, state, page.ids);
      if (after.waiting === 0) {
        after.cursor = page.next;
        if (page.next === null) return this.#end(parts, after);
      }
      return this.#keep(after);
    } catch (error) {
      if (!(error instanceof PlaceRefused)) throw error;
      // The list's cursor is too old: repeat this phase, which changes nothing that is copied already.
      return this.#begin(state.phase, state);
    }
  }

  #begin(phase: MovePhase, { total, phase: before, knownTo }: State): MoveProgress {
    const isKnown = knownTo === null && (phase === "verifying" || phase === before);
    return this.#keep({ ...fresh(phase), total, ...(isKnown && { knownTo }) });
  }

  /**
   * Copies the single writer's records. Changes made meanwhile are in the rows already, with a higher sequence, and
   * stay.
   */
  #copyKnown({ known, messages }: MoveParts, state: State): MoveProgress {
    const records = known(state.knownTo ?? undefined, RECORDS_AT_A_TIME);
    for (const record of records) copy(record, messages);
    const isEnd = records.length < RECORDS_AT_A_TIME;
    return this.#keep({ ...state, knownTo: isEnd ? null : (records.at(-1)?.id ?? null) });
  }

  /** The state after a page of keys. A page with a key that can't be read yet adds nothing. */
  async #takePage(parts: MoveParts, state: State, ids: readonly string[]): Promise<State> {
    const seen = state.seen + ids.length;
    if (state.phase === "counting") return { ...state, seen, total: seen };
    const entries = await parts.ledger.read(ids, "move");
    const missing = ids.filter((id) => !entries.get(id)).length;
    if (missing > 0 && state.waits < WAITS_MAX)
      return { ...state, waiting: missing, waits: state.waits + 1 };
    const { messages } = parts;
    let corrupt = 0;
    let { keys, rows } = state.digests;
    for (const [index, id] of ids.entries()) {
      if (index % RECORDS_AT_A_TIME === 0) await parts.clock.sleep(0);
      const entry = entries.get(id) ?? null;
      if (entry === null) continue;
      if (entry === "corrupt") {
        corrupt += 1;
        continue;
      }
      const record = parts.asKnown(entry);
      // No rebuild may have read the key: the text of a removed message's copy has to leave it.
      if (isStoredComment(entry) && !isStoredComment(record)) parts.notice(entry);
      copy(record, messages);
      if (state.phase !== "verifying") continue;
      // `copy` has just stored it.
      const row = recordOf(messages.get(id) as MessageRow);
      // A row newer than its key holds a change that the key does not have yet.
      const wanted = row.sequence > record.sequence ? row : record;
      const [expected, found] = [contentOf(wanted), contentOf(row)];
      // Repair the row here, because `copy` would leave it as it is. The digests differ from now on, so everything
      // is verified again.
      if (expected !== found) messages.replace(changedRow(wanted));
      keys = digested(keys, expected);
      rows = digested(rows, found);
    }
    return {
      ...state,
      seen,
      corrupt: state.corrupt + corrupt,
      unreadable: state.unreadable + missing,
      waiting: 0,
      waits: 0,
      digests: { keys, rows },
    };
  }

  /** Ends a phase after its last page. */
  #end(parts: MoveParts, state: State): MoveProgress {
    const phase = FOLLOWING[state.phase as keyof typeof FOLLOWING];
    if (phase !== "done") return this.#begin(phase, state);
    if (state.digests.keys !== state.digests.rows) {
      parts.log("move not verified", { digests: state.digests });
      return this.#begin("copying", state);
    }
    // A commit of its own, which memory follows at once: no rollback may take it back.
    parts.meet();
    const done = this.#sql.transaction(() => {
      parts.finish();
      return this.#keep({ ...state, phase, doneAt: parts.clock.now() });
    });
    parts.finished();
    return done;
  }

  #keep(state: State): State {
    const body = JSON.stringify(state);
    this.#sql.write("INSERT OR REPLACE INTO move (id, body) VALUES (1, ?)", body);
    this.#state = state;
    return state;
  }
}

/** Copies a record to its row, unless the row is as new. */
export function copy(record: StoredRecord, messages: MessageStore): void {
  const row = messages.get(record.id);
  const before = row && recordOf(row);
  if (before && before.sequence >= record.sequence) return;
  // A comment in place of its removal came back by an undo.
  const isUndone = before !== null && isStoredComment(record) && !isStoredComment(before);
  messages.change(changedRow(record, isUndone));
}

function fresh(phase: MovePhase): State {
  return {
    phase,
    cursor: null,
    seen: 0,
    total: 0,
    corrupt: 0,
    unreadable: 0,
    waiting: 0,
    waits: 0,
    digests: { keys: "", rows: "" },
  };
}

/** A record as text, without its sequence. */
function contentOf({ sequence: _, ...record }: StoredRecord): string {
  return JSON.stringify(record);
}

function digested(before: string, content: string): string {
  return createHash("sha256").update(before).update(content).digest("hex");
}
