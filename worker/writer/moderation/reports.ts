/**
 * People's reports of messages, in the single writer's own SQLite: one row for each reported message.
 *
 * Each row has a random key of its own, under which the networks that reported the message are hashed. So a network
 * counts once for each message, no address is stored, and nothing links its reports of two messages.
 */
import { createHmac } from "node:crypto";
import { isSameMessage } from "#schema/id";
import { REASONS_MAX, REPORT_LIFETIME_MS, REPORTED_MAX, REPORTERS_MAX } from "#schema/limits";
import { CountedSql, type SqliteStorage } from "../../platform/counted-sql";
import type { Operations } from "../../platform/operations";

const KEY_BYTES = 16;
/** 128 bits. */
const HASH_BYTES = 16;

interface Body {
  key: string;
  reporters: string[];
  reasons: string[];
}

/** The reports of one message. */
export interface ReportsOfMessage {
  id: string;
  /** The networks that reported it. */
  count: number;
  /** Oldest first. */
  reasons: string[];
}

export class Reports {
  readonly #sql: CountedSql;
  /** The time of the first report in ms, and the number of reports, by the message's id: a copy of the columns. */
  readonly #known = new Map<string, { at: number; total: number }>();

  constructor(storage: SqliteStorage, operations: Operations) {
    this.#sql = new CountedSql(storage, operations);
    this.#sql.write(
      "CREATE TABLE IF NOT EXISTS reports (id TEXT PRIMARY KEY, at INTEGER NOT NULL, total INTEGER NOT NULL, body TEXT NOT NULL) WITHOUT ROWID",
    );
    const rows = this.#sql.read<{ id: string; at: number; total: number }>(
      "SELECT id, at, total FROM reports",
    );
    for (const { id, at, total } of rows) this.#known.set(id, { at, total });
  }

  /** Counts a report with at most one row written; none if the network is counted already, or there are too many. */
  add(id: string, network: string, reason: string | undefined, now: number): void {
    const known = this.#idOf(id);
    const body = known === undefined ? newBody() : this.#bodyOf(known);
    const { reporters, reasons } = body;
    const reporter = hashOf(body.key, network);
    if (reporters.includes(reporter) || reporters.length >= REPORTERS_MAX) return;
    reporters.push(reporter);
    if (reason && reasons.length < REASONS_MAX) reasons.push(reason);
    if (known === undefined) this.#makeRoom();
    const key = known ?? id;
    const entry = { at: this.#known.get(key)?.at ?? now, total: reporters.length };
    this.#sql.write(
      "INSERT OR REPLACE INTO reports (id, at, total, body) VALUES (?, ?, ?, ?)",
      key,
      entry.at,
      entry.total,
      JSON.stringify(body),
    );
    this.#known.set(key, entry);
  }

  /** The messages with the most reports first; of as many, the last reported one first. */
  list(limit = REPORTED_MAX): ReportsOfMessage[] {
    const ids = this.#inOrder().slice(0, limit);
    return ids.map((id) => {
      const { reporters, reasons } = this.#bodyOf(id);
      return { id, count: reporters.length, reasons };
    });
  }

  /** Whether a message was reported, under any of its ids. */
  has(id: string): boolean {
    return this.#idOf(id) !== undefined;
  }

  /** Deletes the reports of messages, under any of their ids. */
  forget(ids: readonly string[]): void {
    for (const id of ids.flatMap((each) => this.#idOf(each) ?? [])) this.#delete(id);
  }

  /** Deletes the reports that are too old. */
  keep(now: number): void {
    for (const [id, { at }] of this.#known) if (at < now - REPORT_LIFETIME_MS) this.#delete(id);
  }

  /** The id under which a message was reported. */
  #idOf(id: string): string | undefined {
    if (this.#known.has(id)) return id;
    for (const known of this.#known.keys()) if (isSameMessage(known, id)) return known;
    return undefined;
  }

  #inOrder(): string[] {
    return [...this.#known]
      .sort(([, a], [, b]) => b.total - a.total || b.at - a.at)
      .map(([id]) => id);
  }

  /** Drops the messages with the fewest reports, so that reports of many messages don't push out the urgent ones. */
  #makeRoom(): void {
    for (const id of this.#inOrder().slice(REPORTED_MAX - 1)) this.#delete(id);
  }

  #bodyOf(id: string): Body {
    const [row] = this.#sql.rows<{ body: string }>("SELECT body FROM reports WHERE id = ?", id);
    return row ? JSON.parse(row.body) : newBody();
  }

  #delete(id: string): void {
    this.#sql.write("DELETE FROM reports WHERE id = ?", id);
    this.#known.delete(id);
  }
}

function newBody(): Body {
  const key = Buffer.from(crypto.getRandomValues(new Uint8Array(KEY_BYTES))).toString("base64url");
  return { key, reporters: [], reasons: [] };
}

function hashOf(key: string, network: string): string {
  const digest = createHmac("sha256", Buffer.from(key, "base64url")).update(network).digest();
  return digest.subarray(0, HASH_BYTES).toString("base64url");
}
