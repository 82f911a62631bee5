/**
 * The messages' rows in the object's SQLite, in volumes of one table each.
 *
 * A message bills one row written, since a `WITHOUT ROWID` table has no index besides itself. Keys ascend with time, so
 * that pages fill up; with descending keys each new row would split one. A full volume is followed by a younger one.
 * When the object grows too large, the oldest volume is dropped as a whole: a DROP bills no row, a DELETE bills each.
 */
import { makeId, suffixOf, timestampOf } from "#schema/id";
import { CountedSql, type SqliteStorage } from "../platform/counted-sql";
import type { Operations } from "../platform/operations";
import { changesText, type MessageRow, type MessageStore } from "./messages";

/** The changes in one volume: about 60 MB of messages of 300 characters, 500 MB of the longest. */
const VOLUME_CHANGES = 100_000;

/** The storage included in the platform's price (5 GB), minus one volume of the longest messages. */
const STORED_BYTES_MAX = 4_500_000_000;

/** Later than any timestamp. */
const NO_END = Number.MAX_SAFE_INTEGER;

export interface VolumeLimits {
  changes: number;
  bytes: number;
}

interface Volume {
  id: number;
  /** Messages from this timestamp on are in a younger volume. */
  until: number;
  /** The sequence of its first message. */
  start: number;
}

/** A message as it is stored. */
export type StoredRow = {
  timestamp: number;
  suffix: string;
  sequence: number;
  body: string;
  changed: number | null;
  processed: number | null;
};

/** Matches SQLite's error message. */
const NO_SUCH_TABLE = /no such table/;

/** Messages that a scan holds in memory; each is at most 10 KB. */
const ROWS_A_BATCH = 20;

/** Suffixes are of lower-case letters and digits. */
const BEHIND_EVERY_SUFFIX = "~";

const COLUMNS = "timestamp, suffix, sequence, body, changed, processed";

export class SqliteMessages implements MessageStore {
  readonly #storage: SqliteStorage;
  readonly #sql: CountedSql;
  readonly #limits: VolumeLimits;
  /**
   * Youngest first. A copy of the table `volumes`. A rolled back transaction around a call leaves a volume here
   * that has no table, see `#retried`.
   */
  #volumes: Volume[];
  /** Caches `newest()`, which each new message asks for. After a rollback it may be too high. */
  #newest: number | undefined;
  /** The number of moved or imported messages added to the oldest volume. */
  #olderAdded = 0;

  constructor(
    storage: SqliteStorage,
    operations: Operations,
    limits: VolumeLimits = { changes: VOLUME_CHANGES, bytes: STORED_BYTES_MAX },
  ) {
    this.#storage = storage;
    this.#sql = new CountedSql(storage, operations);
    this.#limits = limits;
    this.#sql.write(
      "CREATE TABLE IF NOT EXISTS volumes (id INTEGER PRIMARY KEY, until INTEGER NOT NULL, start INTEGER NOT NULL)",
    );
    this.#sql.write(
      "CREATE TABLE IF NOT EXISTS dropped (id INTEGER PRIMARY KEY, until INTEGER NOT NULL)",
    );
    this.#volumes = this.#readVolumes();
  }

  /** Reads again what it remembers of the storage, after a rollback. */
  reread(): void {
    this.#volumes = this.#readVolumes();
    this.#newest = undefined;
  }

  insert(row: MessageRow): void {
    this.#retried(() => {
      const [current] = this.#volumes;
      if (!current || this.#isFull(current, row)) this.#startVolume(row);
      this.#put(row);
    });
  }

  change(row: MessageRow): void {
    this.#retried(() => this.#change(row));
  }

  /** Adds a row, replacing an existing one with the same id. */
  replace(row: MessageRow): void {
    this.#retried(() => {
      const volume = this.#volumeOf(timestampOf(row.id));
      if (volume)
        this.#sql.write(
          `DELETE FROM messages_${volume.id} WHERE timestamp = ? AND suffix = ?`,
          timestampOf(row.id),
          suffixOf(row.id),
        );
      this.#change(row);
    });
  }

  #change(row: MessageRow): void {
    const { id, body, changed, processed } = row;
    const flag = processed === null ? null : Number(processed);
    const volume = this.#volumeOf(timestampOf(id));
    // The text stays as it was at birth, unless the message was removed or merged, or that was undone.
    const isNewText = changesText(row);
    const written = volume
      ? this.#sql.write(
          `UPDATE messages_${volume.id} SET body = iif(?, ?, body), changed = ?, processed = ? WHERE timestamp = ? AND suffix = ?`,
          Number(isNewText),
          body,
          changed,
          flag,
          timestampOf(id),
          suffixOf(id),
        )
      : 0;
    if (written > 0) return;
    if (!volume) this.#startVolume(row);
    else if (volume === this.#volumes.at(-1)) this.#extendBack(volume, row);
    this.#put(row);
  }

  get(id: string): MessageRow | null {
    return this.#retried(() => this.#get(id));
  }

  #get(id: string): MessageRow | null {
    const volume = this.#volumeOf(timestampOf(id));
    if (!volume) return null;
    const [row] = this.#sql.rows<StoredRow>(
      `SELECT ${COLUMNS} FROM messages_${volume.id} WHERE timestamp = ? AND suffix = ?`,
      timestampOf(id),
      suffixOf(id),
    );
    return row ? messageOf(row) : null;
  }

  behind(id: string, limit: number): MessageRow[] {
    return this.#retried(() => this.#behind(id, limit));
  }

  #behind(id: string, limit: number): MessageRow[] {
    const found: MessageRow[] = [];
    const timestamp = timestampOf(id);
    for (const [index, volume] of this.#volumes.entries()) {
      const from = this.#volumes[index + 1]?.until ?? 0;
      if (from > timestamp) continue;
      if (found.length >= limit) break;
      const rows = this.#sql.rows<StoredRow>(
        `SELECT ${COLUMNS} FROM messages_${volume.id} WHERE timestamp <= ?1 AND (timestamp < ?1 OR suffix > ?2) ORDER BY timestamp DESC, suffix LIMIT ?3`,
        timestamp,
        suffixOf(id),
        limit - found.length,
      );
      found.push(...rows.map(messageOf));
    }
    return found;
  }

  *youngerThan(timestamp: number): Generator<MessageRow> {
    for (const { id, until } of this.#volumes.toReversed()) {
      if (until <= timestamp) continue;
      // In batches and not by a cursor: a reader may stop at any row and leaves no cursor open.
      const query = `SELECT ${COLUMNS} FROM messages_${id} WHERE timestamp >= ?1 AND (timestamp > ?1 OR suffix > ?2) ORDER BY timestamp, suffix LIMIT ?3`;
      let last = { timestamp, suffix: BEHIND_EVERY_SUFFIX };
      for (;;) {
        const rows = this.#sql.rows<StoredRow>(query, last.timestamp, last.suffix, ROWS_A_BATCH);
        for (const row of rows) yield messageOf(row);
        const end = rows.at(-1);
        if (!end || rows.length < ROWS_A_BATCH) break;
        last = end;
      }
    }
  }

  newest(): number {
    this.#newest ??= this.#retried(() => this.#readNewest());
    return this.#newest;
  }

  /** The timestamp from which on every row is still there, while older ones may have been dropped; 0 if none were. */
  keptFrom(): number {
    const [row] = this.#sql.rows<{ until: number }>("SELECT until FROM dropped");
    return row?.until ?? 0;
  }

  #readNewest(): number {
    for (const { id } of this.#volumes) {
      const [row] = this.#sql.rows<{ timestamp: number }>(
        `SELECT timestamp FROM messages_${id} ORDER BY timestamp DESC LIMIT 1`,
      );
      if (row) return row.timestamp;
    }
    return 0;
  }

  /**
   * Runs `work`. If a volume turns out to have no table, reads the volumes from storage and runs it again. A rollback
   * that removed a volume always shows in this way: the removed volume is the youngest, which is queried first.
   */
  #retried<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      if (!NO_SUCH_TABLE.test(String(error))) throw error;
      this.#volumes = this.#readVolumes();
      return work();
    }
  }

  #readVolumes(): Volume[] {
    return this.#sql
      .rows<{ id: number; until: number; start: number }>(
        "SELECT id, until, start FROM volumes ORDER BY until DESC",
      )
      .map((row) => ({ ...row }));
  }

  #put({ id, sequence, body, changed, processed }: MessageRow): void {
    this.#newest = Math.max(this.newest(), timestampOf(id));
    const volume = this.#volumeOf(timestampOf(id)) as Volume;
    this.#sql.write(
      `INSERT INTO messages_${volume.id} (${COLUMNS}) VALUES (?, ?, ?, ?, ?, ?)`,
      timestampOf(id),
      suffixOf(id),
      sequence,
      body,
      changed,
      processed === null ? null : Number(processed),
    );
  }

  /** The volume for a timestamp: the oldest one that ends after it. */
  #volumeOf(timestamp: number): Volume | undefined {
    return this.#volumes.findLast(({ until }) => until > timestamp);
  }

  /** Whether the volume is full and this message is younger than all in it, so that it can start the next volume. */
  #isFull({ id, start }: Volume, row: MessageRow): boolean {
    if (row.sequence - start < this.#limits.changes) return false;
    return timestampOf(row.id) > this.#edge(id, "max");
  }

  /** Counts moved or imported messages in the oldest volume, newest first. Adds an older volume when it is full. */
  #extendBack(oldest: Volume, row: MessageRow): void {
    this.#olderAdded += 1;
    if (this.#olderAdded <= this.#limits.changes) return;
    const until = this.#edge(oldest.id, "min");
    if (timestampOf(row.id) >= until) return;
    this.#olderAdded = 1;
    const older: Volume = { id: this.#nextId(), until, start: 0 };
    this.#storage.transactionSync(() => this.#create(older));
    this.#volumes.push(older);
  }

  #edge(volume: number, which: "min" | "max"): number {
    const [row] = this.#sql.rows<{ edge: number | null }>(
      `SELECT ${which}(timestamp) AS edge FROM messages_${volume}`,
    );
    return row?.edge ?? 0;
  }

  #nextId(): number {
    return 1 + Math.max(0, ...this.#volumes.map(({ id }) => id));
  }

  /** Closes the current volume before this message, starts a younger one, and drops the oldest ones over the limit. */
  #startVolume({ id, sequence }: MessageRow): void {
    const [current] = this.#volumes;
    const next: Volume = { id: this.#nextId(), until: NO_END, start: sequence };
    this.#storage.transactionSync(() => {
      if (current) {
        current.until = timestampOf(id);
        this.#sql.write("UPDATE volumes SET until = ? WHERE id = ?", current.until, current.id);
      }
      this.#create(next);
    });
    this.#volumes.unshift(next);
    while (this.#volumes.length > 2 && this.#storage.sql.databaseSize > this.#limits.bytes)
      this.#dropOldest();
  }

  #create({ id, until, start }: Volume): void {
    this.#sql.write(
      `CREATE TABLE messages_${id} (timestamp INTEGER NOT NULL, suffix TEXT NOT NULL, sequence INTEGER NOT NULL, body TEXT NOT NULL, changed INTEGER, processed INTEGER, PRIMARY KEY (timestamp, suffix)) WITHOUT ROWID`,
    );
    this.#sql.write("INSERT INTO volumes (id, until, start) VALUES (?, ?, ?)", id, until, start);
  }

  #dropOldest(): void {
    const oldest = this.#volumes.at(-1) as Volume;
    this.#storage.transactionSync(() => {
      this.#sql.write(`DROP TABLE messages_${oldest.id}`);
      this.#sql.write("DELETE FROM volumes WHERE id = ?", oldest.id);
      // Not the oldest row: an import may add still older ones.
      this.#sql.write("INSERT OR REPLACE INTO dropped (id, until) VALUES (1, ?)", oldest.until);
    });
    this.#volumes.pop();
  }
}

export function messageOf(row: StoredRow): MessageRow {
  const { timestamp, suffix, sequence, body, changed, processed } = row;
  return {
    id: makeId(timestamp, suffix),
    sequence,
    body,
    changed,
    processed: processed === null ? null : processed === 1,
  };
}
