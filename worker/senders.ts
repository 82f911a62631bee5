/**
 * Who sent a comment, as far as moderation must know: a hash of the address, under a key made at
 * random for each day and thrown away with the day's table. Then nobody can tell any more, not even by
 * trying every address there is.
 *
 * Kept by the single writer, in its own SQLite, apart from what is read: a row for all comments that
 * came between two ticks, a table a day, dropped as a whole (a DROP bills no row).
 */
import { createHmac } from "node:crypto";
import { timestampOf } from "#schema/id";
import { SENDER_DAYS } from "#schema/limits";
import { chunks } from "./chunks";
import { CountedSql, type SqliteStorage } from "./counted-sql";
import type { Operations } from "./operations";

const DAY_MS = 24 * 60 * 60 * 1_000;
const KEY_BYTES = 32;
/** 128 bits. */
const HASH_BYTES = 16;
/** A pair is about 55 bytes, a row holds at most 2 MB. */
const ROW_PAIRS_MAX = 10_000;
/** Rows that one call looks through: at 1,000 messages a minute 12 minutes of them, 700 KB. */
const ROWS_A_STEP = 250;
const SENDER_PATTERN = /^(\d{5,6})\.[A-Za-z0-9_-]{22}$/;

/** `<day since 1970>.<hash>`. */
export type Sender = string;

type Pair = [id: string, sender: Sender];

export class Senders {
  readonly #sql: CountedSql;
  /** By day. */
  readonly #keys = new Map<number, Uint8Array>();
  /** Not written yet. */
  readonly #noted: Pair[] = [];

  constructor(storage: SqliteStorage, operations: Operations) {
    this.#sql = new CountedSql(storage, operations);
    this.#sql.write(
      "CREATE TABLE IF NOT EXISTS sender_keys (day INTEGER PRIMARY KEY, key BLOB NOT NULL)",
    );
    const rows = this.#sql.read<{ day: number; key: ArrayBuffer }>(
      "SELECT day, key FROM sender_keys",
    );
    for (const { day, key } of rows) this.#keys.set(day, new Uint8Array(key));
  }

  /** Hashes the address at once; what is noted is durable from the next `keep` on. */
  note(id: string, network: string): void {
    const day = dayOf(timestampOf(id));
    const hash = createHmac("sha256", this.#keyOf(day)).update(network).digest();
    this.#noted.push([id, `${day}.${hash.subarray(0, HASH_BYTES).toString("base64url")}`]);
  }

  /** Writes what was noted, and lets go of every day that is over for as long as senders are kept. */
  keep(now: number): void {
    this.#write();
    for (const day of this.#keys.keys()) if (day <= dayOf(now) - SENDER_DAYS) this.#forget(day);
  }

  #write(): void {
    const noted = [...this.#noted];
    for (const day of new Set(noted.map(([, sender]) => dayOfSender(sender)))) {
      const pairs = noted.filter(([, sender]) => dayOfSender(sender) === day);
      for (const part of chunks(pairs, ROW_PAIRS_MAX))
        this.#sql.write(`INSERT INTO senders_${day} (body) VALUES (?)`, JSON.stringify(part));
    }
    // Only now: what a full disk refused is written the next time.
    this.#noted.splice(0, noted.length);
  }

  /** Who sent a comment; `null` when that is not, or no longer, known. */
  senderOf(id: string): Sender | null {
    // To the last row: SQLite can't begin its log again while a cursor is open, and removed words would stay in it.
    const [first] = [...this.#find(dayOf(timestampOf(id)), id)];
    return first?.[1] ?? null;
  }

  /**
   * The ids of the comments that one sender sent that day, in the rows behind `after`; all that was noted is
   * written first. `next` is where to go on, `null` at the end.
   */
  sentBy(sender: Sender, after = 0): { ids: string[]; next: number | null } {
    this.#write();
    const day = SENDER_PATTERN.test(sender) ? dayOfSender(sender) : Number.NaN;
    if (!this.#keys.has(day)) return { ids: [], next: null };
    const last = after + ROWS_A_STEP;
    const rows = this.#sql.stream<{ body: string }>(
      `SELECT body FROM senders_${day} WHERE id > ? AND id <= ? AND instr(body, ?) > 0`,
      after,
      last,
      sender,
    );
    const ids: string[] = [];
    for (const { body } of rows)
      for (const [id, known] of JSON.parse(body) as Pair[]) if (known === sender) ids.push(id);
    const [newest] = this.#sql.rows<{ id: number | null }>(
      `SELECT max(id) AS id FROM senders_${day}`,
    );
    return { ids, next: (newest?.id ?? 0) > last ? last : null };
  }

  /** The pairs of a day whose id or sender is `wanted`; of the rows one at a time is in memory. */
  *#find(day: number, wanted: string): Generator<Pair> {
    if (!this.#keys.has(day)) return;
    const query = `SELECT body FROM senders_${day} WHERE instr(body, ?) > 0`;
    const isWanted = (pair: Pair) => pair.includes(wanted);
    for (const { body } of this.#sql.stream<{ body: string }>(query, wanted))
      yield* (JSON.parse(body) as Pair[]).filter(isWanted);
    yield* this.#noted.filter(isWanted);
  }

  /** The key of a day, made with the day's table when its first comment comes. */
  #keyOf(day: number): Uint8Array {
    const known = this.#keys.get(day);
    if (known) return known;
    const key = crypto.getRandomValues(new Uint8Array(KEY_BYTES));
    this.#sql.transaction(() => {
      this.#sql.write("INSERT INTO sender_keys (day, key) VALUES (?, ?)", day, key.buffer);
      this.#sql.write(`CREATE TABLE senders_${day} (id INTEGER PRIMARY KEY, body TEXT NOT NULL)`);
    });
    this.#keys.set(day, key);
    return key;
  }

  #forget(day: number): void {
    this.#sql.transaction(() => {
      this.#sql.write("DELETE FROM sender_keys WHERE day = ?", day);
      this.#sql.write(`DROP TABLE senders_${day}`);
    });
    this.#keys.delete(day);
  }
}

function dayOf(time: number): number {
  return Math.floor(time / DAY_MS);
}

function dayOfSender(sender: Sender): number {
  return Number(sender.slice(0, sender.indexOf(".")));
}
