/**
 * The sender of each comment, for moderation only: a hash of the address under a random key. Each day has its own
 * key, deleted with the day's table. After that the sender can't be found, not even by trying every address.
 *
 * Stored in the single writer's own SQLite, apart from the data that readers get: one row for all comments between
 * two ticks, one table per day, dropped as a whole (a DROP bills no row).
 */
import { createHmac } from "node:crypto";
import { timestampOf } from "#schema/id";
import { SENDER_DAYS } from "#schema/limits";
import { chunks } from "../../platform/chunks";
import { CountedSql, type SqliteStorage } from "../../platform/counted-sql";
import type { Operations } from "../../platform/operations";

const DAY_MS = 24 * 60 * 60 * 1_000;
const KEY_BYTES = 32;
/** 128 bits. */
const HASH_BYTES = 16;
/** A pair is about 55 bytes, a row holds at most 2 MB. */
const ROW_PAIRS_MAX = 10_000;
/** Rows that one call searches: 12 minutes of them at 1,000 messages a minute, 700 KB. */
const ROWS_A_STEP = 250;
const SENDER_PATTERN = /^(\d{5,6})\.[A-Za-z0-9_-]{22}$/;

/** `<day since 1970>.<hash>`. */
export type Sender = string;

type Pair = [id: string, sender: Sender];

export class Senders {
  readonly #sql: CountedSql;
  /** By day. */
  readonly #keys = new Map<number, Uint8Array>();
  /** The days whose key and table are stored. */
  readonly #stored = new Set<number>();
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
    for (const { day, key } of rows) {
      this.#keys.set(day, new Uint8Array(key));
      this.#stored.add(day);
    }
  }

  /**
   * Hashes the address at once; the note is durable after the next `keep`. Touches no storage, so it can't fail: its
   * message is journaled already.
   */
  note(id: string, network: string): void {
    const day = dayOf(timestampOf(id));
    this.#noted.push([id, senderOn(day, this.#keyOf(day), network)]);
  }

  /** Whether a network is this sender, as long as the key of the sender's day is kept. */
  isFrom(sender: Sender, network: string): boolean {
    const day = dayOfSender(sender);
    const key = this.#keys.get(day);
    return key !== undefined && senderOn(day, key, network) === sender;
  }

  /** From this time on, in ms, the key of the sender's day is deleted. */
  keptUntil(sender: Sender): number {
    return (dayOfSender(sender) + SENDER_DAYS) * DAY_MS;
  }

  /**
   * Notes the sender of a merged copy for the comment that stays, whose own sender may be unknown: a removal must still
   * reach it when the merge is forgotten. Looks at the newest notes only, since copies are sent within minutes.
   */
  follow(copy: string, into: string): void {
    const day = dayOf(timestampOf(copy));
    if (!this.#keys.has(day)) return;
    const after = this.#stored.has(day) ? this.#newestRow(day) - ROWS_A_STEP : 0;
    const [noted] = [...this.#find(day, copy, after)];
    if (noted) this.#noted.push([into, noted[1]]);
  }

  /** Writes the notes, and deletes the days that are older than senders are kept. */
  keep(now: number): void {
    this.#write();
    for (const day of this.#keys.keys()) if (day <= dayOf(now) - SENDER_DAYS) this.#forget(day);
  }

  #write(): void {
    const noted = [...this.#noted];
    for (const day of new Set(noted.map(([, sender]) => dayOfSender(sender)))) {
      this.#begin(day);
      const pairs = noted.filter(([, sender]) => dayOfSender(sender) === day);
      for (const part of chunks(pairs, ROW_PAIRS_MAX))
        this.#sql.write(`INSERT INTO senders_${day} (body) VALUES (?)`, JSON.stringify(part));
    }
    // Only now: notes that a full disk rejected are written the next time.
    this.#noted.splice(0, noted.length);
  }

  /** The sender of a comment; `null` if it is not known, or no longer. */
  senderOf(id: string): Sender | null {
    // A block must not outlive its key.
    this.#write();
    const [first] = [...this.#find(dayOf(timestampOf(id)), id)];
    return first?.[1] ?? null;
  }

  /**
   * The ids of one sender's comments of that day, in the rows after `after`. All notes are written first. `next` is
   * the row to continue after, `null` at the end.
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
    return { ids, next: this.#newestRow(day) > last ? last : null };
  }

  #newestRow(day: number): number {
    const [row] = this.#sql.rows<{ id: number | null }>(`SELECT max(id) AS id FROM senders_${day}`);
    return row?.id ?? 0;
  }

  /** The pairs of a day whose id or sender is `wanted`, in the rows after `after`. Holds one row at a time in memory. */
  *#find(day: number, wanted: string, after = 0): Generator<Pair> {
    if (!this.#keys.has(day)) return;
    const query = `SELECT body FROM senders_${day} WHERE id > ? AND instr(body, ?) > 0`;
    const isWanted = (pair: Pair) => pair.includes(wanted);
    if (this.#stored.has(day))
      for (const { body } of this.#sql.stream<{ body: string }>(query, after, wanted))
        yield* (JSON.parse(body) as Pair[]).filter(isWanted);
    yield* this.#noted.filter(isWanted);
  }

  /** The key of a day, made for its first comment and stored with the first notes. */
  #keyOf(day: number): Uint8Array {
    const key = this.#keys.get(day) ?? crypto.getRandomValues(new Uint8Array(KEY_BYTES));
    this.#keys.set(day, key);
    return key;
  }

  /** Stores a day's key, with the day's table. */
  #begin(day: number): void {
    if (this.#stored.has(day)) return;
    const key = this.#keyOf(day);
    this.#sql.transaction(() => {
      this.#sql.write(
        "INSERT INTO sender_keys (day, key) VALUES (?, ?)",
        day,
        key.buffer as ArrayBuffer,
      );
      this.#sql.write(`CREATE TABLE senders_${day} (id INTEGER PRIMARY KEY, body TEXT NOT NULL)`);
    });
    this.#stored.add(day);
  }

  #forget(day: number): void {
    this.#sql.transaction(() => {
      this.#sql.write("DELETE FROM sender_keys WHERE day = ?", day);
      this.#sql.write(`DROP TABLE senders_${day}`);
    });
    this.#keys.delete(day);
    this.#stored.delete(day);
  }
}

function senderOn(day: number, key: Uint8Array, network: string): Sender {
  const hash = createHmac("sha256", key).update(network).digest();
  return `${day}.${hash.subarray(0, HASH_BYTES).toString("base64url")}`;
}

function dayOf(time: number): number {
  return Math.floor(time / DAY_MS);
}

function dayOfSender(sender: Sender): number {
  return Number(sender.slice(0, sender.indexOf(".")));
}
