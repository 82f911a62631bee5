import { timestampOf } from "#schema/id";
import { CLOCK_SKEW_MS, UNSETTLED_ID_MS } from "#schema/limits";

/** Whether an id is so young at `now` that the ledger may not show its comment yet. */
export function isUnsettled(id: string, now: number): boolean {
  const age = now - timestampOf(id);
  return age <= UNSETTLED_ID_MS && age >= -CLOCK_SKEW_MS;
}
