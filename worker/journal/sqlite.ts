/** The journal in the object's SQLite. Writes are synchronous; the output gate makes them durable before any answer. */

import type { StoredRecord } from "#schema/comment";
import { suffixOf } from "#schema/id";
import { CountedSql, type SqliteStorage } from "../platform/counted-sql";
import type { Operations } from "../platform/operations";
import type { Claim, JournalChange } from "../record";
import {
  type CheckpointRow,
  erased,
  erasedWhere,
  type Journal,
  type JournalHead,
  type JournalRow,
  type NonceArchive,
} from "./journal";

type Generation = 0 | 1;

/** The index of the dash in an id, and the length of an id, in characters. */
const DASH_AT = 13;
const ID_LENGTH = 24;

/**
 * The size of the rows that one step of a long removal reads, parses and rewrites: about 20 ms. A single row may
 * exceed it, up to the platform's limit of 2 MB.
 */
const ERASE_BYTES_A_STEP = 500_000;

/** Progress of a long removal: later rows may still hold the text of removed messages. */
export interface ErasePlace {
  generation: Generation;
  after: number;
}

export class SqliteJournal implements Journal {
  readonly #sql: CountedSql;
  #generation: Generation;
  /** Called in the transaction that writes the row of these changes. If it throws, nothing is written. */
  onChanges: (changes: readonly JournalChange[]) => void = () => {};
  /** Called after a rollback: what others remember of the storage may be wrong. */
  onRollback: () => void = () => {};

  constructor(storage: SqliteStorage, operations: Operations) {
    this.#sql = new CountedSql(storage, operations);
    this.#sql.write("CREATE TABLE IF NOT EXISTS head (id INTEGER PRIMARY KEY, body TEXT NOT NULL)");
    this.#sql.write(
      "CREATE TABLE IF NOT EXISTS generation (id INTEGER PRIMARY KEY, current INTEGER NOT NULL)",
    );
    this.#sql.write(
      "CREATE TABLE IF NOT EXISTS nonces (id INTEGER PRIMARY KEY, newest INTEGER NOT NULL, ids TEXT NOT NULL)",
    );
    // Claims are frequent and are not changes. In their own table they don't fill up a generation.
    this.#sql.write(
      "CREATE TABLE IF NOT EXISTS claims (id TEXT PRIMARY KEY, bot TEXT NOT NULL, until INTEGER NOT NULL) WITHOUT ROWID",
    );
    this.#sql.write(
      "CREATE TABLE IF NOT EXISTS published (id INTEGER PRIMARY KEY, sequence INTEGER NOT NULL)",
    );
    this.#createGeneration(0);
    this.#createGeneration(1);
    const [row] = this.#sql.read<{ current: number }>("SELECT current FROM generation").toArray();
    this.#generation = row?.current === 1 ? 1 : 0;
  }

  head(): JournalHead | null {
    const [row] = this.#sql.read<{ body: string }>("SELECT body FROM head").toArray();
    return row ? JSON.parse(row.body) : null;
  }

  create(head: JournalHead): void {
    this.#sql.write("INSERT INTO head (id, body) VALUES (1, ?)", JSON.stringify(head));
  }

  /**
   * Switches the wall to the `sqlite` ledger.
   * @param written records whose keys need no write any more
   * @param stamp the timestamp of the youngest row, in ms: every later birth is younger
   */
  becomeSqlite(written: readonly StoredRecord[], stamp: number): void {
    const head = JSON.stringify({ ...this.head(), ledger: "sqlite", stamp });
    this.#sql.write("UPDATE head SET body = ? WHERE id = 1", head);
    const records = written.map(({ id, sequence }): [string, number] => [id, sequence]);
    if (records.length > 0) this.append({ kind: "written", records });
  }

  atOnce<T>(work: () => T): T {
    try {
      return this.#sql.transaction(work);
    } catch (error) {
      this.onRollback();
      throw error;
    }
  }

  read(): Iterable<JournalRow>[] {
    const rowsOf = (generation: Generation): Iterable<JournalRow> => ({
      [Symbol.iterator]: () => this.#rows(generation),
    });
    return [rowsOf(other(this.#generation)), rowsOf(this.#generation)];
  }

  append(row: JournalRow): void {
    if (row.kind !== "changes") {
      this.#insert(this.#generation, row);
      return;
    }
    this.atOnce(() => {
      this.#insert(this.#generation, row);
      this.onChanges(row.changes);
    });
  }

  erase(ids: readonly string[]): void {
    // For one message SQLite searches the rows; for many, scanning all rows here is faster.
    const [id = ""] = ids.length === 1 ? ids : [];
    for (const generation of [0, 1] as const) {
      const table = `journal_${generation}`;
      const rows = this.#sql.read<{ id: number; body: string }>(
        `SELECT id, body FROM ${table} WHERE instr(body, ?) > 0`,
        suffixOf(id),
      );
      const changed: [body: string, id: number][] = [];
      for (const row of rows) {
        const body = JSON.stringify(erased(JSON.parse(row.body), ids));
        if (body !== row.body) changed.push([body, row.id]);
      }
      for (const change of changed)
        this.#sql.write(`UPDATE ${table} SET body = ? WHERE id = ?`, ...change);
    }
  }

  /**
   * Erases the text of removed messages from the rows after a place, up to `ERASE_BYTES_A_STEP`. Returns the place to
   * continue from; `null` at the end.
   */
  eraseSome(from: ErasePlace, isRemoved: (id: string) => boolean): ErasePlace | null {
    const { generation, after } = from;
    const table = `journal_${generation}`;
    const changed: [body: string, id: number][] = [];
    let bytes = 0;
    let last = after;
    for (const { id, body } of this.#bodies(generation, after)) {
      const without = JSON.stringify(erasedWhere(JSON.parse(body), isRemoved));
      if (without !== body) changed.push([without, id]);
      last = id;
      bytes += body.length;
      if (bytes >= ERASE_BYTES_A_STEP) break;
    }
    for (const change of changed)
      this.#sql.write(`UPDATE ${table} SET body = ? WHERE id = ?`, ...change);
    if (bytes >= ERASE_BYTES_A_STEP) return { generation, after: last };
    return generation === 0 ? { generation: 1, after: 0 } : null;
  }

  rotate(checkpoint: Iterable<CheckpointRow>, nonces: readonly NonceArchive[]): number[] {
    const next = other(this.#generation);
    const keys = this.#sql.transaction(() => {
      this.#begin(next, checkpoint);
      this.#sql.write("INSERT OR REPLACE INTO generation (id, current) VALUES (1, ?)", next);
      return nonces.map((archive) => this.#archive(archive));
    });
    this.#generation = next;
    return keys;
  }

  rename(
    store: Pick<JournalHead, "store" | "birth">,
    checkpoint: () => Iterable<CheckpointRow>,
    nonces: readonly NonceArchive[],
  ): number[] {
    return this.#sql.transaction(() => {
      const head = JSON.stringify({ ...this.head(), ...store });
      this.#sql.write("UPDATE head SET body = ? WHERE id = 1", head);
      for (const generation of [0, 1] as const) this.#begin(generation, checkpoint());
      this.publish(-1);
      return nonces.map((archive) => this.#archive(archive));
    });
  }

  *archives(since: number): Generator<NonceArchive & { key: number }> {
    const rows = this.#sql.stream<{ key: number; newest: number; ids: string }>(
      "SELECT id AS key, newest, ids FROM nonces WHERE newest >= ? ORDER BY id",
      since,
    );
    for (const { key, newest, ids } of rows) yield { key, newest, ids: JSON.parse(ids) };
  }

  archivedId(key: number, suffix: string): string | null {
    // Searches within the JSON, where only a suffix follows a dash, so that SQLite returns the id alone.
    const [row] = this.#sql.rows<{ found: string }>(
      `SELECT substr(ids, instr(ids, ?1) - ${DASH_AT}, ${ID_LENGTH}) AS found FROM nonces WHERE id = ?2 AND instr(ids, ?1) > 0`,
      `-${suffix}`,
      key,
    );
    return row?.found ?? null;
  }

  forgetArchives(before: number): void {
    this.#sql.write("DELETE FROM nonces WHERE newest < ?", before);
  }

  claims(): Claim[] {
    return this.#sql
      .read<{ id: string; bot: string; until: number }>("SELECT id, bot, until FROM claims")
      .toArray();
  }

  claim({ id, bot, until }: Claim): void {
    this.#sql.write(
      "INSERT OR REPLACE INTO claims (id, bot, until) VALUES (?, ?, ?)",
      id,
      bot,
      until,
    );
  }

  endClaim(id: string): void {
    this.#sql.write("DELETE FROM claims WHERE id = ?", id);
  }

  forgetClaims(time: number): void {
    this.#sql.write("DELETE FROM claims WHERE until <= ?", time);
  }

  published(): number {
    const [row] = this.#sql.rows<{ sequence: number }>("SELECT sequence FROM published");
    return row?.sequence ?? -1;
  }

  publish(sequence: number): void {
    this.#sql.write("INSERT OR REPLACE INTO published (id, sequence) VALUES (1, ?)", sequence);
  }

  *#rows(generation: Generation): Generator<JournalRow> {
    for (const { body } of this.#bodies(generation)) yield JSON.parse(body);
  }

  /** One statement for each row: a reader may stop at any row and leaves no cursor open. */
  *#bodies(generation: Generation, after = 0): Generator<{ id: number; body: string }> {
    const query = `SELECT id, body FROM journal_${generation} WHERE id > ? ORDER BY id LIMIT 1`;
    for (let last = after; ; ) {
      const [row] = this.#sql.rows<{ id: number; body: string }>(query, last);
      if (!row) return;
      yield row;
      last = row.id;
    }
  }

  #archive({ newest, ids }: NonceArchive): number {
    const [row] = this.#sql.rows<{ last: number | null }>("SELECT max(id) AS last FROM nonces");
    const key = (row?.last ?? 0) + 1;
    const body = JSON.stringify(ids);
    this.#sql.write("INSERT INTO nonces (id, newest, ids) VALUES (?, ?, ?)", key, newest, body);
    return key;
  }

  #createGeneration(generation: Generation): void {
    this.#sql.write(
      `CREATE TABLE IF NOT EXISTS journal_${generation} (id INTEGER PRIMARY KEY, body TEXT NOT NULL)`,
    );
  }

  /** Empties a generation and begins it with a checkpoint. */
  #begin(generation: Generation, checkpoint: Iterable<CheckpointRow>): void {
    this.#sql.write(`DROP TABLE journal_${generation}`);
    this.#createGeneration(generation);
    for (const row of checkpoint) this.#insert(generation, row);
  }

  #insert(generation: Generation, row: JournalRow): void {
    this.#sql.write(`INSERT INTO journal_${generation} (body) VALUES (?)`, JSON.stringify(row));
  }
}

function other(generation: Generation): Generation {
  return generation === 0 ? 1 : 0;
}
