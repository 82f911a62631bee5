/** Messages from the single writer to the copies of its state. */
import type { PresentBot } from "./bots";
import type { Comment } from "./comment";

/** One step of the single writer's sequence: a comment's new state, or a removed id. */
export type Change = { sequence: number; comment: Comment } | { sequence: number; removed: string };

/** Brings a copy up to date: with the changes since its cursor, or with the whole window. */
export interface Sync {
  store: string;
  /** The sequence of the newest change. */
  sequence: number;
  /** The sender still has the changes after this sequence. */
  floor: number;
  rebuiltAt: number;
  /** The ledger that stores the wall's comments: messages are sent there. */
  ledger?: "kv" | "sqlite";
  /** Posting is paused. */
  paused?: true;
  /** Some senders are blocked: ask before a person's message is stored. */
  blocking?: true;
  /** The bots that are present; absent without any. */
  bots?: readonly PresentBot[];
  /**
   * The changes after the caller's cursor, oldest first; absent when the log no longer reaches back
   * that far.
   */
  changes?: Change[];
  /** The newest comments, newest first; present when `changes` is absent. */
  window?: Comment[];
}
