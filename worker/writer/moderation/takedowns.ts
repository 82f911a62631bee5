/**
 * Removes all messages of one sender from one day, in steps of a few milliseconds; other calls are answered in
 * between. Progress is stored: after a restart the next alarm or cron continues.
 *
 * A step removes some messages, and no later answer contains them. At the end the text of all of them is erased
 * from the journal's rows, some rows per step.
 */

import type { ErasePlace, SqliteJournal } from "../../journal/sqlite";
import { CountedSql, type SqliteStorage } from "../../platform/counted-sql";
import type { Operations } from "../../platform/operations";
import type { RemovalOrder, Removals } from "./removals";
import type { Sender, Senders } from "./senders";

/** Messages removed per step. */
const REMOVALS_A_STEP = 100;

/** Pause between two steps, for waiting calls. */
const PAUSE_MS = 20;

export interface Takedown extends RemovalOrder {
  sender: Sender;
  /** The removal's entry in the audit log, once something was removed. */
  entry?: number;
  /** Messages removed so far, without those that were gone already. */
  removed: number;
  /** Bots' replies removed so far. Absent in a removal that an earlier release began. */
  repliesRemoved?: number;
  /** The senders row to continue after; `null` once all messages are removed. */
  after: number | null;
  /** The place in the journal from which removed text may still be stored. */
  erase: ErasePlace;
  isDone: boolean;
}

/** Ids that the last step found in the senders' rows. After a restart those rows are read once more. */
interface Found {
  ids: string[];
  next: number | null;
}

/** The writer's part in a takedown. */
interface TakedownWriter {
  removals: Pick<Removals, "removeSome" | "isRemoved">;
}

export interface TakedownParts {
  senders: Senders;
  writer: () => TakedownWriter;
  journal: SqliteJournal;
  sleep: (ms: number) => Promise<void>;
}

export class Takedowns {
  readonly #sql: CountedSql;
  readonly #open = new Map<number, Takedown>();
  #underWay: Promise<void> | null = null;

  constructor(storage: SqliteStorage, operations: Operations) {
    this.#sql = new CountedSql(storage, operations);
    this.#sql.write(
      "CREATE TABLE IF NOT EXISTS takedowns (id INTEGER PRIMARY KEY, body TEXT NOT NULL)",
    );
    const rows = this.#sql.read<{ id: number; body: string }>("SELECT id, body FROM takedowns");
    for (const { id, body } of rows) this.#open.set(id, JSON.parse(body));
  }

  /** Removals that are not done. */
  get open(): Takedown[] {
    return [...this.#open.values()];
  }

  /** Begins a removal, or returns the unfinished one of the same sender. */
  begin(sender: Sender, order: RemovalOrder = {}): Takedown {
    const known = this.open.find((takedown) => takedown.sender === sender);
    if (known) return known;
    const id = 1 + Math.max(0, ...this.#open.keys());
    const takedown: Takedown = {
      sender,
      ...order,
      removed: 0,
      after: 0,
      erase: { generation: 0, after: 0 },
      isDone: false,
    };
    this.#keep(id, takedown);
    this.#open.set(id, takedown);
    return takedown;
  }

  /** Continues until all are done; a call meanwhile waits for the same run. @throws when a step fails. */
  goOn(parts: TakedownParts): Promise<void> {
    this.#underWay ??= this.#goOn(parts).finally(() => {
      this.#underWay = null;
    });
    return this.#underWay;
  }

  async #goOn(parts: TakedownParts): Promise<void> {
    for (const [id, takedown] of this.#open) {
      const found: Found = { ids: [], next: takedown.after };
      for (;;) {
        await this.#step(id, takedown, found, parts);
        if (takedown.isDone) break;
        await parts.sleep(PAUSE_MS);
      }
    }
  }

  async #step(id: number, takedown: Takedown, found: Found, parts: TakedownParts): Promise<void> {
    if (takedown.after === null) takedown.isDone = erase(takedown, parts);
    else if (found.ids.length > 0) await remove(takedown, found, parts);
    else findMore(takedown, found, parts);
    if (takedown.isDone) {
      this.#sql.write("DELETE FROM takedowns WHERE id = ?", id);
      this.#open.delete(id);
    } else this.#keep(id, takedown);
  }

  #keep(id: number, takedown: Takedown): void {
    const body = JSON.stringify(takedown);
    this.#sql.write("INSERT OR REPLACE INTO takedowns (id, body) VALUES (?, ?)", id, body);
  }
}

/** Reads the next rows of senders. */
function findMore(takedown: Takedown, found: Found, { senders }: TakedownParts): void {
  takedown.after = found.next;
  if (takedown.after !== null)
    Object.assign(found, senders.sentBy(takedown.sender, takedown.after));
}

async function remove(takedown: Takedown, found: Found, { writer }: TakedownParts): Promise<void> {
  const some = found.ids.slice(0, REMOVALS_A_STEP);
  const { removed, replies, entry } = await writer().removals.removeSome(some, takedown);
  // Only now: a step that fails is repeated.
  found.ids.splice(0, some.length);
  takedown.removed += removed;
  takedown.repliesRemoved = (takedown.repliesRemoved ?? 0) + replies;
  if (entry !== undefined) takedown.entry = entry;
}

/** Erases removed text from some rows. Returns whether it is out of every row. */
function erase(takedown: Takedown, { writer, journal }: TakedownParts): boolean {
  const next = journal.eraseSome(takedown.erase, (id) => writer().removals.isRemoved(id));
  takedown.erase = next ?? takedown.erase;
  return next === null;
}
