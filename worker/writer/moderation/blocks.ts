/**
 * Senders whose posts are refused for a while. A sender is the hash of a network under the key of the day on which one
 * of its messages was sent (see `senders.ts`). That key is kept for a week, so the network is recognised on the
 * following days too; when it is deleted, the block ends. No address is stored.
 */
import { BLOCKS_MAX, CLOCK_AHEAD_MAX_MS } from "#schema/limits";
import type { SenderBlock } from "#schema/moderation";
import { CountedSql, type SqliteStorage } from "../../platform/counted-sql";
import type { Operations } from "../../platform/operations";
import type { Sender, Senders } from "./senders";

const HOUR_MS = 60 * 60 * 1_000;
const LONGEST_MS = 24 * HOUR_MS;

export class Blocks {
  readonly #sql: CountedSql;
  readonly #senders: Senders;
  readonly #blocks = new Map<number, SenderBlock>();

  constructor(storage: SqliteStorage, operations: Operations, senders: Senders) {
    this.#sql = new CountedSql(storage, operations);
    this.#senders = senders;
    this.#sql.write(
      "CREATE TABLE IF NOT EXISTS blocks (id INTEGER PRIMARY KEY, sender TEXT NOT NULL, since INTEGER NOT NULL, until INTEGER NOT NULL)",
    );
    const rows = this.#sql.read<{ id: number; sender: string; since: number; until: number }>(
      "SELECT id, sender, since, until FROM blocks ORDER BY id",
    );
    for (const row of rows) this.#blocks.set(row.id, { ...row });
  }

  /** The blocks at `now`, in ms, oldest first. */
  at(now: number): SenderBlock[] {
    return [...this.#blocks.values()].filter((block) => !isOver(block, now));
  }

  isFull(now: number): boolean {
    return this.at(now).length >= BLOCKS_MAX;
  }

  /** Until when a post that this network sent at `sentAt` is refused, in ms; `null` if it is not. */
  until(network: string, now: number, sentAt = now): number | null {
    const ends = this.at(now)
      .filter(({ sender, since }) => since <= sentAt && this.#senders.isFrom(sender, network))
      .map(({ until }) => until);
    return ends.length > 0 ? Math.max(...ends) : null;
  }

  /**
   * Blocks a sender, also in place of an earlier block of the same one.
   * @param id the id of its entry in the audit log
   */
  begin(id: number, sender: Sender, hours: number, now: number): SenderBlock {
    const end = Math.min(now + hours * HOUR_MS, this.#senders.keptUntil(sender));
    const block = { id, sender, since: now, until: end };
    this.#sql.transaction(() => {
      this.#sql.write("DELETE FROM blocks WHERE sender = ?", sender);
      this.#sql.write(
        "INSERT INTO blocks (id, sender, since, until) VALUES (?, ?, ?, ?)",
        id,
        sender,
        now,
        end,
      );
    });
    for (const [known, each] of this.#blocks)
      if (each.sender === sender) this.#blocks.delete(known);
    this.#blocks.set(id, block);
    return block;
  }

  get(id: number): SenderBlock | undefined {
    return this.#blocks.get(id);
  }

  /** Ends a block. */
  end(id: number): void {
    this.#sql.write("DELETE FROM blocks WHERE id = ?", id);
    this.#blocks.delete(id);
  }

  /** Deletes the blocks that are over. */
  expire(now: number): void {
    for (const block of [...this.#blocks.values()]) if (isOver(block, now)) this.end(block.id);
  }
}

/** A time further ahead than any valid one was noted by a clock that ran ahead. */
function isOver({ until }: SenderBlock, now: number): boolean {
  return until <= now || until > now + LONGEST_MS + CLOCK_AHEAD_MAX_MS;
}
