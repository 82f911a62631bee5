/**
 * Implements the part of SQLite that the Worker's queries use, so that the shipped queries run in the simulation.
 * Rows are never changed in place, because an incarnation's durable copy and its working copy share them. Each write
 * is a list of small steps, which can be repeated on the other copy, or undone.
 */
import { statement } from "./sql-statements";
import { type Row, type Step, Tables, type Value } from "./sql-tables";

/** The platform rejects a larger string or blob; the simulation checks strings only. */
const VALUE_MAX_BYTES = 2_000_000;
/** A string of at most this many UTF-16 units fits whatever its characters are, so its bytes are not counted. */
const VALUE_SAFE_CHARACTERS = VALUE_MAX_BYTES / 4;

export interface Result {
  rows: Row[];
  rowsRead: number;
  rowsWritten: number;
}

export class Database extends Tables {
  copy(): Database {
    const copy = new Database();
    copy.copyFrom(this);
    return copy;
  }

  /** Runs a statement, and calls `stepped` after each step that it took. */
  run(query: string, bindings: readonly Value[], stepped: (step: Step) => void): Result {
    for (const value of bindings) refuseTooBig(value);
    const context = { database: this, bindings, rowsRead: 0, rowsWritten: 0 };
    const take = (step: Step) => {
      this.take(step);
      stepped(step);
      if ("key" in step) context.rowsWritten += 1;
    };
    const rows = statement(query)(context, take);
    return { rows, rowsRead: context.rowsRead, rowsWritten: context.rowsWritten };
  }
}

function refuseTooBig(value: Value): void {
  if (typeof value !== "string" || value.length <= VALUE_SAFE_CHARACTERS) return;
  if (Buffer.byteLength(value) > VALUE_MAX_BYTES)
    throw new Error("string or blob too big: SQLITE_TOOBIG");
}
