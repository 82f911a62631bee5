/** A page of older messages, from the ledger that the wall uses. */
import { compareIds } from "#schema/id";
import type { HistoryQuery } from "#schema/read";
import type { Asker } from "../../contract/asker";
import type { Ledger } from "../../ledger/ledger";
import type { Clock } from "../../platform/clock";
import type { Log } from "../../platform/log";
import type { Replica } from "../replica/replica";
import { type HistoryPage, type HistoryParts, readHistory } from "./history";

interface PastParts {
  clock: Clock;
  ledger: Ledger;
  asker: Asker;
  replica: Replica;
  /** Counts the cost of one more page; false if the reader's rate limit is exceeded. */
  mayGoOn: () => Promise<boolean>;
  log: Log;
}

/** Reads the keys, overridden by the rebuilder's knowledge. @throws when the ledger refuses. */
export function pastOfKv(query: HistoryQuery, parts: PastParts): Promise<HistoryPage> {
  const { clock, ledger, asker, replica, mayGoOn, log } = parts;
  const overlay: HistoryParts["overlay"] = async (stretch, listed) => {
    if (clock.now() < replica.awayUntil) return null;
    try {
      return await asker.ask((writer) => writer.overlay(stretch, listed));
    } catch (error) {
      log("rebuilder away", { error });
      return null;
    }
  };
  return readHistory(query, { ledger, overlay, mayGoOn, log });
}

/**
 * Reads the rebuilder's rows or, while it is unavailable, this isolate's window.
 * @throws when the window holds nothing older either.
 */
export async function pastOfSqlite(query: HistoryQuery, parts: PastParts): Promise<HistoryPage> {
  const { asker, replica, log } = parts;
  try {
    const page = await asker.ask((writer) => writer.history(query));
    return { removed: [], ...page, isSpare: false };
  } catch (error) {
    const held = replica.view?.window ?? [];
    const behind = held.filter(({ id }) => compareIds(id, query.before.id) > 0);
    const page = behind.slice(0, query.limit);
    const last = page.at(-1);
    if (!last) throw error;
    log("rebuilder away", { error });
    const comments = page.map((comment) => ({ ...comment, sequence: 0 }));
    return { comments, removed: [], nextBefore: last.id, isSpare: true };
  }
}
