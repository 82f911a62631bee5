/**
 * The messages that an admin removed in the last minutes, for an undo. Removal takes their text out of every key, row
 * and archive at once; until the undo ends this table is the only place that still has it.
 *
 * Stored in the single writer's own SQLite, so that an undo works after a restart. The rows of one removal are deleted
 * together.
 */
import type { StoredComment } from "#schema/comment";
import { CLOCK_AHEAD_MAX_MS, UNDO_MS } from "#schema/limits";
import { chunks, chunksOfBytes } from "../../platform/chunks";
import { CountedSql, type SqliteStorage } from "../../platform/counted-sql";
import type { Operations } from "../../platform/operations";
import { bytesOfRecord } from "../../record";

/** Messages in one row, which is what one step of an undo restores, and their size in memory. */
const ROW_MESSAGES_MAX = 100;
const ROW_BYTES_MAX = 500_000;

/**
 * All kept messages together, as JSON in UTF-16 units: a flood of 28,800 messages of 500 characters. For more, the
 * oldest removals are dropped; what is too much for one removal alone is not kept.
 */
export const KEPT_CHARACTERS_MAX = 24_000_000;

/** One removal that can be undone. */
export interface KeptRemoval {
  /** The id of its entry in the audit log. */
  id: number;
  /** From this time on, in ms, the messages are deleted. */
  until: number;
  /** Messages that an undo would bring back. */
  count: number;
  /** Size of the rows. */
  characters: number;
  /** An undo has begun: it is continued, whatever the time. */
  isUndoing: boolean;
}

type Row = { id: number; until: number; count: number; characters: number; undoing: number };

export class KeptMessages {
  readonly #sql: CountedSql;
  /** Oldest first. */
  readonly #removals = new Map<number, KeptRemoval>();

  constructor(storage: SqliteStorage, operations: Operations) {
    this.#sql = new CountedSql(storage, operations);
    this.#sql.write(
      "CREATE TABLE IF NOT EXISTS kept_removals (id INTEGER PRIMARY KEY, until INTEGER NOT NULL, count INTEGER NOT NULL, characters INTEGER NOT NULL, undoing INTEGER NOT NULL)",
    );
    this.#sql.write(
      "CREATE TABLE IF NOT EXISTS kept_messages (id INTEGER PRIMARY KEY, removal INTEGER NOT NULL, body TEXT NOT NULL)",
    );
    const rows = this.#sql.read<Row>(
      "SELECT id, until, count, characters, undoing FROM kept_removals ORDER BY id",
    );
    for (const { undoing, ...row } of rows)
      this.#removals.set(row.id, { ...row, isUndoing: undoing === 1 });
  }

  /** The removals that can still be undone at `now`, in ms, or are being undone. */
  at(now: number): KeptRemoval[] {
    return [...this.#removals.values()].filter((kept) => !isOver(kept, now));
  }

  /**
   * Keeps messages that are about to be removed, all or none. The time for the undo starts again with each further
   * call.
   */
  add(id: number, comments: readonly StoredComment[], now: number): void {
    if (comments.length === 0) return;
    let { count, characters } = this.#removals.get(id) ?? { count: 0, characters: 0 };
    const bodies: string[] = [];
    for (const part of rowsOf(comments)) {
      const body = JSON.stringify(part);
      if (!this.#makeRoom(characters + body.length, id)) break;
      bodies.push(body);
      characters += body.length;
      count += part.length;
    }
    if (count === 0) return;
    const kept = { id, until: now + UNDO_MS, count, characters, isUndoing: false };
    // A text without its removal would never expire.
    this.#sql.transaction(() => {
      for (const body of bodies)
        this.#sql.write("INSERT INTO kept_messages (removal, body) VALUES (?, ?)", id, body);
      this.#write(kept);
    });
    this.#removals.set(id, kept);
  }

  /** Notes that an undo begins. */
  begin(id: number): void {
    const kept = this.#removals.get(id);
    if (kept) this.#keep({ ...kept, isUndoing: true });
  }

  /** The first row of a removal; `null` when all are restored. */
  next(id: number): { row: number; comments: StoredComment[] } | null {
    const [row] = this.#sql.rows<{ id: number; body: string }>(
      "SELECT id, body FROM kept_messages WHERE removal = ? ORDER BY id LIMIT 1",
      id,
    );
    return row ? { row: row.id, comments: JSON.parse(row.body) } : null;
  }

  deleteRow(row: number): void {
    this.#sql.write("DELETE FROM kept_messages WHERE id = ?", row);
  }

  /** The kept message with this id, if there is one. */
  find(id: string): StoredComment | null {
    for (const { comments } of this.#rowsWith(id)) {
      const found = comments.find((comment) => comment.id === id);
      if (found) return found;
    }
    return null;
  }

  /** Deletes one message, so that no undo brings it back, or only so that none that is under way does. */
  erase(id: string, undos: "all" | "under way" = "all"): void {
    for (const { row, removal, comments } of this.#rowsWith(id)) {
      const others = comments.filter((comment) => comment.id !== id);
      const kept = this.#removals.get(removal);
      if (!kept || others.length === comments.length) continue;
      if (undos === "under way" && !kept.isUndoing) continue;
      const body = JSON.stringify(others);
      this.#sql.write("UPDATE kept_messages SET body = ? WHERE id = ?", body, row);
      this.#keep({ ...kept, count: kept.count - 1 });
      if (kept.count === 1) this.drop(removal);
    }
  }

  /** The removals whose undo is under way. */
  get undoing(): KeptRemoval[] {
    return [...this.#removals.values()].filter(({ isUndoing }) => isUndoing);
  }

  /** Deletes the removals whose time is over. Returns whether there were any. */
  expire(now: number): boolean {
    const over = [...this.#removals.values()].filter((kept) => isOver(kept, now));
    for (const { id } of over) this.drop(id);
    return over.length > 0;
  }

  drop(id: number): void {
    if (!this.#removals.has(id)) return;
    this.#sql.transaction(() => {
      this.#sql.write("DELETE FROM kept_messages WHERE removal = ?", id);
      this.#sql.write("DELETE FROM kept_removals WHERE id = ?", id);
    });
    this.#removals.delete(id);
  }

  #rowsWith(id: string): { row: number; removal: number; comments: StoredComment[] }[] {
    if (this.#removals.size === 0) return [];
    const query = "SELECT id, removal, body FROM kept_messages WHERE instr(body, ?) > 0";
    return this.#sql
      .rows<{ id: number; removal: number; body: string }>(query, id)
      .map(({ id: row, removal, body }) => ({ row, removal, comments: JSON.parse(body) }));
  }

  #keep(kept: KeptRemoval): void {
    this.#write(kept);
    this.#removals.set(kept.id, kept);
  }

  #write({ id, until, count, characters, isUndoing }: KeptRemoval): void {
    this.#sql.write(
      "INSERT OR REPLACE INTO kept_removals (id, until, count, characters, undoing) VALUES (?, ?, ?, ?, ?)",
      id,
      until,
      count,
      characters,
      Number(isUndoing),
    );
  }

  /** Drops other removals, oldest first, until these characters of one fit. Returns whether they do. */
  #makeRoom(characters: number, id: number): boolean {
    const others = [...this.#removals.values()].filter((kept) => kept.id !== id);
    let total = others.reduce((sum, kept) => sum + kept.characters, characters);
    for (const kept of others) {
      if (total <= KEPT_CHARACTERS_MAX) break;
      if (kept.isUndoing) continue;
      this.drop(kept.id);
      total -= kept.characters;
    }
    return total <= KEPT_CHARACTERS_MAX;
  }
}

/** A time further ahead than any valid one was noted by a clock that ran ahead: the text must not stay that long. */
function isOver({ until, isUndoing }: KeptRemoval, now: number): boolean {
  return !isUndoing && (until <= now || until > now + UNDO_MS + CLOCK_AHEAD_MAX_MS);
}

function* rowsOf(comments: readonly StoredComment[]): Generator<StoredComment[]> {
  for (const part of chunksOfBytes(comments, bytesOfRecord, ROW_BYTES_MAX))
    yield* chunks(part, ROW_MESSAGES_MAX);
}
