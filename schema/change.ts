/** What the single writer tells those who keep a copy of its state. */
import type { Comment } from "./comment";

/** One step of the single writer's sequence: a comment as it is from then on, or an id that went. */
export type Change = { sequence: number; comment: Comment } | { sequence: number; removed: string };

/** A copy brought up to date: by what changed since its cursor, or by the whole window. */
export interface Sync {
  store: string;
  /** The sequence of the newest change. */
  sequence: number;
  /** Changes after this sequence are still known to the sender. */
  floor: number;
  rebuiltAt: number;
  /** Where the wall's comments are: messages are sent there. */
  ledger?: "kv" | "sqlite";
  /** The wall takes no messages. */
  paused?: true;
  /** The changes after the cursor that was asked for, oldest first; absent when that can't be told. */
  changes?: Change[];
  /** The newest comments, newest first; sent when `changes` is not. */
  window?: Comment[];
}
