/**
 * Moves a wall's comments from Workers KV into the rebuilder's own SQLite: one page of keys a step, so
 * that whoever asks for the steps may end anywhere and another may go on. First the keys are counted, then
 * copied, then read once more and held against the rows. What is there already is left as it is.
 */
import { createHash } from "node:crypto";
import type { StoredRecord } from "#schema/comment";
import type { MovePhase, MoveProgress } from "#schema/move";
import { CountedSql, type SqliteStorage } from "./counted-sql";
import { type Ledger, PlaceRefused } from "./ledger/ledger";
import { changedRow, type MessageStore, recordOf } from "./ledger/messages";
import type { Log } from "./log";
import type { Operations } from "./operations";

/** Steps in which a listed key may stay unreadable: KV may take a minute "or more". */
const WAITS_MAX = 60;

const FOLLOWING = { counting: "copying", copying: "verifying", verifying: "done" } as const;

interface State extends MoveProgress {
  cursor: string | null;
  waits: number;
  doneAt?: number;
}

interface MoveParts {
  ledger: Ledger;
  messages: () => MessageStore;
  /** A record as the single writer knows it, be it newer than its key. */
  asKnown: (record: StoredRecord) => StoredRecord;
  /** What the single writer knows, whatever the keys say; then the wall is its rows. */
  finish: () => void;
  now: () => number;
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

  /** How far it has come; `null` when nobody began. */
  get progress(): MoveProgress | null {
    return this.#state;
  }

  /** When it was done, in ms; `null` when it is not. */
  get doneAt(): number | null {
    return this.#state?.doneAt ?? null;
  }

  /** One step; who comes while one runs waits for that one. @throws when the keys can't be read. */
  step(parts: MoveParts): Promise<MoveProgress> {
    this.#underWay ??= this.#step(parts).finally(() => {
      this.#underWay = null;
    });
    return this.#underWay;
  }

  async #step(parts: MoveParts): Promise<MoveProgress> {
    // From the first step on posting is paused, by what is stored here.
    const state = this.#state ?? this.#keep(fresh("counting"));
    if (state.phase === "done") return state;
    try {
      const page = await parts.ledger.newest(state.cursor ?? undefined, "move");
      const after = await this.#take(parts, state, page.ids);
      if (after.waiting === 0) {
        after.cursor = page.next;
        if (page.next === null) return this.#end(parts, after);
      }
      return this.#keep(after);
    } catch (error) {
      if (!(error instanceof PlaceRefused)) throw error;
      // The list's cursor has grown too old: what this phase did is done again, and changes nothing.
      return this.#keep({ ...fresh(state.phase), total: state.total });
    }
  }

  /** What a page of keys adds to the state; a page of which a key can't be read yet adds nothing. */
  async #take(parts: MoveParts, state: State, ids: readonly string[]): Promise<State> {
    const seen = state.seen + ids.length;
    if (state.phase === "counting") return { ...state, seen, total: seen };
    const entries = await parts.ledger.read(ids, "move");
    const missing = ids.filter((id) => !entries.get(id)).length;
    if (missing > 0 && state.waits < WAITS_MAX)
      return { ...state, waiting: missing, waits: state.waits + 1 };
    const messages = parts.messages();
    let corrupt = 0;
    let { keys, rows } = state.digests;
    for (const id of ids) {
      const entry = entries.get(id) ?? null;
      if (entry === null) continue;
      if (entry === "corrupt") {
        corrupt += 1;
        continue;
      }
      const record = parts.asKnown(entry);
      copy(record, messages);
      if (state.phase !== "verifying") continue;
      const row = messages.get(id);
      keys = digested(keys, record);
      rows = row ? digested(rows, recordOf(row)) : "missing";
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

  /** The last page of a phase is done. */
  #end(parts: MoveParts, state: State): MoveProgress {
    const phase = FOLLOWING[state.phase as keyof typeof FOLLOWING];
    if (phase !== "done") return this.#keep({ ...fresh(phase), total: state.total });
    if (state.digests.keys !== state.digests.rows) {
      parts.log("move not verified", { digests: state.digests });
      return this.#keep({ ...fresh("copying"), total: state.total });
    }
    return this.#sql.transaction(() => {
      parts.finish();
      return this.#keep({ ...state, phase, doneAt: parts.now() });
    });
  }

  #keep(state: State): State {
    const body = JSON.stringify(state);
    this.#sql.write("INSERT OR REPLACE INTO move (id, body) VALUES (1, ?)", body);
    this.#state = state;
    return state;
  }
}

/** Brings a record into the rows, unless what is there is as new. */
export function copy(record: StoredRecord, messages: MessageStore): void {
  const row = messages.get(record.id);
  if (!row || recordOf(row).sequence < record.sequence) messages.change(changedRow(record));
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

/** What a record says, its sequence aside, chained to what stands before it. */
function digested(before: string, { sequence: _, ...record }: StoredRecord): string {
  return createHash("sha256").update(before).update(JSON.stringify(record)).digest("hex");
}
