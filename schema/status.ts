/** `GET /api/status`: the state of the wall. */

import type { Part } from "./cost/bill";
import type { Meter } from "./cost/prices";
import { CACHE_LATE_MS } from "./limits";

export interface Status {
  ok: boolean;
  /** Time of the last rebuild of the cache, and its age, in ms. */
  rebuiltAt: number;
  ageMs: number;
  window: { size: number; capacity: number };
  pending: { size: number; dropped: number };
  rebuilds: { count: number; failed: number; lastMs: number; p50Ms: number; p95Ms: number };
  /** Operations of each kind since this incarnation of the rebuilder started. */
  operations: Record<string, number>;
  ledger: "kv" | "sqlite";
  wall: string;
  version: string;
  /**
   * The finished minutes of the last hour, oldest first; minutes that nobody counted are missing.
   */
  history?: Sample[];
  /** How many messages the wall got in the last day. */
  activity?: Activity;
  /** Present once there are ten minutes of data. */
  cost?: Cost;
  /** The live channel, since this incarnation of the rebuilder started. */
  live?: LiveStatus;
  /** The published copy that readers get while the rebuilder is unavailable. */
  spare?: SpareStatus;
  /** Absent in previews, which have no cron. */
  cron?: CronStatus;
  /** Present if a bucket for backups is bound: start of the last finished segment, in ms; `null` if none is known. */
  backup?: { at: number | null };
  /** Cloudflare's code of the data centre in which the rebuilder runs, as `FRA`; absent where it is not known. */
  location?: string;
  /** The rebuilder could not be reached: the entrypoint answers from its own knowledge. */
  away?: true;
}

export interface SpareStatus {
  /** Time of the last publication by this incarnation of the rebuilder, in ms; `null` if there was none. */
  publishedAt: number | null;
  /** Since when the store has rejected every publication, in ms; `null` if it accepted the last one. */
  failingSince: number | null;
}

export interface CronStatus {
  /** Time of its last run, in ms; `null` if there was none since `since`. */
  at: number | null;
  /** Start of this incarnation of the rebuilder, in ms. */
  since: number;
}

/**
 * `GET /api/health`. `late`: the cache is over `CACHE_LATE_MS` old while the wall is in use. `failing`: the last rebuild
 * of an unused wall failed, or the spare could not be published for `SPARE_LATE_MS`. `away`: the rebuilder does not
 * answer. `backup`: the last backup began over `BACKUP_LATE_MS` ago.
 */
export type Health = { ok: true } | { ok: false; reason: Fault | "away" | "backup" };

/** A fault that the rebuilder itself knows of. */
export type Fault = "late" | "failing";

export interface LiveStatus {
  /** Open now. */
  sockets: number;
  /** Frames sent, over all sockets, and their bytes. */
  frames: number;
  bytes: number;
  /** Messages stored or repeated over the channel; those over HTTP are among `operations`. */
  posts: number;
  /** Messages from pages, without pings. */
  messages: number;
  /** Sockets closed, by close code. */
  closed: Record<string, number>;
  /** Upgrades refused by the wall's limits, by HTTP status. */
  refused: Record<string, number>;
}

/** Messages received over time, in slots of equal length; removed ones count too. */
export interface Activity {
  /** Start of the first slot, in ms since the epoch, and the length of each. */
  from: number;
  slotMs: number;
  /** Oldest first; the last slot has not ended, and its last minute is not counted yet. */
  counts: number[];
}

/** One minute of the wall. */
export interface Sample {
  /**
   * Start of the minute, and how much of it was counted: less if the rebuilder started within it.
   */
  at: number;
  ms: number;
  /** Highest age of the cache; `null` if no rebuild ended. */
  ageMaxMs: number | null;
  /**
   * Successful and failed rebuilds; the duration of the successful ones, `null` if there were none.
   */
  rebuilds: { count: number; failed: number; p50Ms: number | null; maxMs: number | null };
  /** Operations of each kind. */
  operations: Record<string, number>;
}

/**
 * Monthly cost on the Paid plan, and the share of the Free plan's day, at the pace of `history`.
 */
export interface Cost {
  /** Including the plan itself. */
  perMonthUsd: number;
  lines: CostLine[];
  free: FreeAllowance[];
  /** Counted time, in ms. */
  countedMs: number;
}

export interface CostLine {
  item: string;
  part: Part;
  meter: Meter;
  perMonth: number;
  /** Its share of the cost beyond the plan. */
  usd: number;
}

export interface FreeAllowance {
  item: string;
  meter: Meter;
  perDay: number;
  allowed: number;
}

/** Whether readers see new comments; `unknown` if the rebuilder could not be reached. */
export type Condition = "ok" | "late" | "unknown";

export function conditionOf({ ok, ageMs, away }: Pick<Status, "ok" | "ageMs" | "away">): Condition {
  if (away) return "unknown";
  return ok && ageMs <= CACHE_LATE_MS ? "ok" : "late";
}
