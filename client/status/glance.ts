/** The status page's view of the wall. */
import type { Cost, Sample, Status } from "#schema/status";

export interface Glance {
  /** The newest answer, and when it came by this browser's clock. */
  status: Status | null;
  checkedAt: number;
  /** From the newest answer that had them; while the rebuilder is unavailable, answers don't. */
  history: readonly Sample[];
  cost: Cost | undefined;
  /** How far the wall's clock is ahead of this browser's, in ms. */
  clockAheadMs: number;
  /** Start of the current outage, by this browser's clock; `null` while the wall answers. */
  silentSince: number | null;
}

export const NO_GLANCE: Glance = {
  status: null,
  checkedAt: 0,
  history: [],
  cost: undefined,
  clockAheadMs: 0,
  silentSince: null,
};

/** The view after an answer at `now`. */
export function heard(before: Glance, status: Status, now: number): Glance {
  const { rebuiltAt, ageMs, history = before.history, cost = before.cost } = status;
  const clockAheadMs = rebuiltAt + ageMs - now;
  return { status, checkedAt: now, history, cost, clockAheadMs, silentSince: null };
}

/** The view after a failed request at `now`. */
export function unheard(before: Glance, now: number): Glance {
  return { ...before, silentSince: before.silentSince ?? now };
}
