/** `GET /api/status`: how the wall is. */

import type { Part } from "./bill";
import { CACHE_LATE_MS } from "./limits";
import type { Meter } from "./prices";

export interface Status {
  ok: boolean;
  /** When the cache was last rebuilt, and how long ago that was, in ms. */
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
  /** The minutes of the last hour that are over, oldest first; one that nobody counted is missing. */
  history?: Sample[];
  /** Once there are ten minutes to tell it from. */
  cost?: Cost;
  /** The rebuilder could not be asked: the entrypoint answers with what it knows. */
  away?: true;
}

/** One minute of the wall's. */
export interface Sample {
  /** When the minute began, and how much of it was counted: less where the rebuilder started within it. */
  at: number;
  ms: number;
  /** How old the cache became at most; `null` where no rebuild ended. */
  ageMaxMs: number | null;
  /** How many rebuilds succeeded and failed; how long the former took, `null` where there was none. */
  rebuilds: { count: number; failed: number; p50Ms: number | null; maxMs: number | null };
  /** Operations of each kind. */
  operations: Record<string, number>;
}

/** What a month costs on the Paid plan, and how far the Free plan's day goes, at the pace of `history`. */
export interface Cost {
  /** With the plan itself. */
  perMonthUsd: number;
  lines: CostLine[];
  free: FreeAllowance[];
  /** How much time was counted, in ms. */
  countedMs: number;
}

export interface CostLine {
  item: string;
  part: Part;
  meter: Meter;
  perMonth: number;
  /** Its share of what is beyond the plan. */
  usd: number;
}

export interface FreeAllowance {
  item: string;
  meter: Meter;
  perDay: number;
  allowed: number;
}

/** Whether readers see what is new; `unknown` where the rebuilder could not be asked. */
export type Condition = "ok" | "late" | "unknown";

export function conditionOf({ ok, ageMs, away }: Pick<Status, "ok" | "ageMs" | "away">): Condition {
  if (away) return "unknown";
  return ok && ageMs <= CACHE_LATE_MS ? "ok" : "late";
}
