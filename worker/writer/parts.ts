/** The parts that the single writer is made of: the platform's, or the simulation's. */
import type { Journal, JournalHead } from "../journal/journal";
import type { Ledger, Spare } from "../ledger/ledger";
import type { MessageStore } from "../ledger/messages";
import type { Follower } from "../live/follower";
import type { Clock } from "../platform/clock";
import type { Log } from "../platform/log";
import type { Operations } from "../platform/operations";
import type { RebuildMeter } from "../status/metrics";
import type { Alarm } from "./beat";
import type { Blocks } from "./moderation/blocks";
import type { KeptMessages } from "./moderation/kept";
import type { ModerationStore } from "./moderation/moderation";
import type { Reports } from "./moderation/reports";

export interface WriterParts {
  head: JournalHead;
  clock: Clock;
  /** In Workers KV. */
  ledger: Ledger;
  /** The wall's comments on the `sqlite` ledger; absent on `kv`. */
  messages?: MessageStore;
  spare: Spare;
  journal: Journal;
  moderation: ModerationStore;
  reports: Reports;
  kept: KeptMessages;
  /** Blocked senders; absent where there are no senders. */
  blocks?: Blocks;
  /** Whether a move to another ledger is under way; the wall takes no messages meanwhile. */
  isMoving?: () => boolean;
  /** Called with a merged copy's id, and the id of the comment that stays. */
  onMerged?: (copy: string, into: string) => void;
  alarm: Alarm;
  operations: Operations;
  meter: RebuildMeter;
  log: Log;
  version: string;
  newStoreName: () => string;
  /** The live channel; absent where there is none. */
  live?: Follower;
}
