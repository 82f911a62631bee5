/** The tables of one wall in its object's SQLite. */
import { SqliteJournal } from "../journal/sqlite";
import { SqliteMessages } from "../ledger/sqlite-messages";
import type { Clock } from "../platform/clock";
import type { SqliteStorage } from "../platform/counted-sql";
import type { Operations } from "../platform/operations";
import { Metrics } from "../status/metrics";
import { SqliteSamples } from "../status/sqlite-samples";
import { Blocks } from "./moderation/blocks";
import { KeptMessages } from "./moderation/kept";
import { RemovalLog } from "./moderation/removal-log";
import { Reports } from "./moderation/reports";
import { Senders } from "./moderation/senders";
import { Takedowns } from "./moderation/takedowns";
import { Move } from "./moving/move";

export interface Tables {
  journal: SqliteJournal;
  move: Move;
  senders: Senders;
  reports: Reports;
  takedowns: Takedowns;
  removalLog: RemovalLog;
  kept: KeptMessages;
  blocks: Blocks;
  metrics: Metrics;
  /** The wall's comments on `sqlite`; on `kv` nothing but a move fills them. */
  messages: SqliteMessages;
}

/** Opens the tables, and makes those that are missing. */
export function openTables(storage: SqliteStorage, operations: Operations, clock: Clock): Tables {
  // Made here even on `kv`: if a move's first change made the tables, its rollback would remove them again.
  const messages = new SqliteMessages(storage, operations);
  const move = new Move(storage, operations);
  const journal = new SqliteJournal(storage, operations);
  const removalLog = new RemovalLog(storage, operations);
  journal.onRollback = () => messages.reread();
  journal.onChanges = (changes) => {
    removalLog.follow(changes);
    const records = changes.map(({ record }) => record);
    move.follow(records, messages);
  };
  const senders = new Senders(storage, operations);
  return {
    journal,
    move,
    senders,
    reports: new Reports(storage, operations),
    removalLog,
    takedowns: new Takedowns(storage, operations),
    kept: new KeptMessages(storage, operations),
    blocks: new Blocks(storage, operations, senders),
    metrics: new Metrics({ clock, operations, store: new SqliteSamples(storage, operations) }),
    messages,
  };
}
