/** A page of the past, from where the wall's comments are. */
import { compareIds } from "#schema/id";
import type { HistoryQuery } from "#schema/read";
import type { Asker } from "../contract/asker";
import type { Ledger } from "../ledger/ledger";
import type { Clock } from "../platform/clock";
import type { Log } from "../platform/log";
import { type HistoryPage, type HistoryParts, readHistory } from "./history";
import type { Replica } from "./replica/replica";

interface PastParts {
  clock: Clock;
  ledger: Ledger;
  asker: Asker;
  replica: Replica;
  /** Whether the reader's limit allows for as much again as a usual page costs; counts it. */
  mayGoOn: () => Promise<boolean>;
  log: Log;
}

/** From the keys, with what the rebuilder knows laid over them. @throws when the ledger refuses. */
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
 * From the rebuilder's rows; with it away, as much as this isolate holds.
 * @throws where that is nothing.
 */
export async function pastOfSqlite(query: HistoryQuery, parts: PastParts): Promise<HistoryPage> {
  const { asker, replica, log } = parts;
  try {
    const page = await asker.ask((writer) => writer.history(query));
    return { ...page, isSpare: false };
  } catch (error) {
    const held = replica.view?.window ?? [];
    const behind = held.filter(({ id }) => compareIds(id, query.before.id) > 0);
    const page = behind.slice(0, query.limit);
    const last = page.at(-1);
    if (!last) throw error;
    log("rebuilder away", { error });
    const comments = page.map((comment) => ({ ...comment, sequence: 0 }));
    return { comments, nextBefore: last.id, isSpare: true };
  }
}
