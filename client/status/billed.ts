/** The billed part of a minute's operations. */
import { tallyOf } from "#schema/cost/bill";
import type { Meter } from "#schema/cost/prices";
import type { Sample, Status } from "#schema/status";

/** Meters that count operations, in display order. */
export const COUNTED_METERS = [
  "requests",
  "object_requests",
  "kv_lists",
  "kv_keys_read",
  "kv_keys_written",
  "rows_written",
] as const satisfies Meter[];

export function billedIn(
  { ms, operations }: Sample,
  ledger: Status["ledger"],
): Partial<Record<Meter, number>> {
  const { message: posts = 0, poll: polls = 0 } = operations;
  const sums: Partial<Record<Meter, number>> = {};
  for (const { meter, amount } of tallyOf({
    ms,
    ledger,
    operations,
    posts,
    polls,
    readersApart: false,
  }))
    sums[meter] = (sums[meter] ?? 0) + amount.most;
  return sums;
}
