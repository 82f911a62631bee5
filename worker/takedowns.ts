/**
 * Takes down all that one sender sent on one day, in steps of some milliseconds, between which others are
 * answered. How far it has come is stored: after a restart the next alarm or cron goes on with it.
 *
 * A step removes some messages; from then on no answer has them. At the end the words of all of them are
 * taken out of the journal's rows, some rows a step.
 */
import { CountedSql, type SqliteStorage } from "./counted-sql";
import type { ErasePlace, SqliteJournal } from "./journal/sqlite";
import type { Operations } from "./operations";
import type { Rebuilder } from "./rebuilder";
import type { Sender, Senders } from "./senders";

/** Messages that one step removes. */
const REMOVALS_A_STEP = 100;

/** Between two steps, for whoever waits. */
const PAUSE_MS = 20;

export interface Takedown {
  sender: Sender;
  reason?: string;
  /** Messages that were not gone already. */
  removed: number;
  /** The row of senders behind which it goes on; `null` once all are removed. */
  after: number | null;
  /** Where words may still stand in the journal. */
  erase: ErasePlace;
  isDone: boolean;
}

export interface TakedownParts {
  senders: Senders;
  rebuilder: () => Rebuilder;
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

  /** Those that are not done. */
  get open(): Takedown[] {
    return [...this.#open.values()];
  }

  /** Begins one; joins the one of the same sender that is not done. */
  begin(sender: Sender, reason?: string): Takedown {
    const known = this.open.find((takedown) => takedown.sender === sender);
    if (known) return known;
    const id = 1 + Math.max(0, ...this.#open.keys());
    const takedown: Takedown = {
      sender,
      ...(reason && { reason }),
      removed: 0,
      after: 0,
      erase: { generation: 0, after: 0 },
      isDone: false,
    };
    this.#keep(id, takedown);
    this.#open.set(id, takedown);
    return takedown;
  }

  /** Goes on until all are done; whoever comes meanwhile waits for the same. @throws when a step fails. */
  goOn(parts: TakedownParts): Promise<void> {
    this.#underWay ??= this.#goOn(parts).finally(() => {
      this.#underWay = null;
    });
    return this.#underWay;
  }

  async #goOn(parts: TakedownParts): Promise<void> {
    for (const [id, takedown] of this.#open) {
      for (;;) {
        this.#step(id, takedown, parts);
        if (takedown.isDone) break;
        await parts.sleep(PAUSE_MS);
      }
    }
  }

  #step(id: number, takedown: Takedown, parts: TakedownParts): void {
    takedown.isDone = takedown.after === null ? erase(takedown, parts) : remove(takedown, parts);
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

/** Returns whether nothing is left to do, as there was nothing to remove. */
function remove(takedown: Takedown, { senders, rebuilder }: TakedownParts): boolean {
  const { sender, reason, after } = takedown;
  const { ids, next } = senders.sentBy(sender, after ?? 0);
  const { removed, left } = rebuilder().removeSome(ids, REMOVALS_A_STEP);
  if (takedown.removed === 0 && removed > 0) rebuilder().noteRemoval(sender, reason);
  takedown.removed += removed;
  // What was removed of these rows is passed over when they are read again.
  if (left === 0) takedown.after = next;
  return takedown.after === null && takedown.removed === 0;
}

/** Returns whether the words are out of every row. */
function erase(takedown: Takedown, { rebuilder, journal }: TakedownParts): boolean {
  const next = journal.eraseSome(takedown.erase, (id) => rebuilder().isRemoved(id));
  takedown.erase = next ?? takedown.erase;
  return next === null;
}
