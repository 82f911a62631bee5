/** What the status page knows of the wall, from one look to the next. */
import type { Cost, Sample, Status } from "#schema/status";

export interface Glance {
  /** The newest answer, and when it came, by this browser's clock. */
  status: Status | null;
  checkedAt: number;
  /** Of the newest answer that told them: one without the rebuilder doesn't. */
  history: readonly Sample[];
  cost: Cost | undefined;
  /** How far the wall's clock is ahead of this browser's, in ms. */
  clockAheadMs: number;
  /** Since when nobody answers; `null` while somebody does. */
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

/** An answer came at `now`. */
export function heard(before: Glance, status: Status, now: number): Glance {
  const { rebuiltAt, ageMs, history = before.history, cost = before.cost } = status;
  const clockAheadMs = rebuiltAt + ageMs - now;
  return { status, checkedAt: now, history, cost, clockAheadMs, silentSince: null };
}

/** No answer came by `now`. */
export function unheard(before: Glance, now: number): Glance {
  return { ...before, silentSince: before.silentSince ?? now };
}
