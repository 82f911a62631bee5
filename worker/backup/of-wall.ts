/** A wall's pages and removals for its backup, from the ledger that it uses. */

import { HISTORY_PAGE_MAX } from "#schema/limits";
import type { HistoryQuery } from "#schema/read";
import { Asker } from "../contract/asker";
import type { WriterCalls } from "../contract/writer-calls";
import { pastOfKv, pastOfSqlite } from "../entrypoint/past/past";
import { Replica } from "../entrypoint/replica/replica";
import type { Ledger } from "../ledger/ledger";
import type { Clock } from "../platform/clock";
import type { Log } from "../platform/log";
import { toComment } from "../record";
import { type BackupParts, backUp } from "./backup";
import type { Bucket } from "./state";

interface WallParts {
  wall: string;
  bucket: Bucket;
  clock: Clock;
  /** In Workers KV. */
  ledger: Ledger;
  /** Makes a new stub for each call. */
  writer: () => WriterCalls;
  log: Log;
}

/** One step of a wall's backup. Never throws. */
export function backUpWall({ ledger, writer, ...rest }: WallParts): Promise<void> {
  const { clock, log } = rest;
  const asker = new Asker(clock, writer);
  const past = { clock, ledger, asker, replica: new Replica(), mayGoOn: async () => true, log };
  let isSqlite: boolean | undefined;
  const page: BackupParts["page"] = async (before) => {
    isSqlite ??= (await asker.ask((calls) => calls.status())).ledger === "sqlite";
    const query: HistoryQuery = { before, limit: HISTORY_PAGE_MAX };
    const read = await (isSqlite ? pastOfSqlite : pastOfKv)(query, past);
    if (read.isSpare) throw new Error("the rebuilder is away");
    return { ...read, comments: read.comments.map(toComment) };
  };
  return backUp({
    ...rest,
    page,
    removedSince: (...asked) => asker.ask((calls) => calls.removedSince(...asked)),
  });
}
