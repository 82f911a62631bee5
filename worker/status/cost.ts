/** The monthly cost of the wall at the rate of its last hour. */
import { billOf, MONTH_MS, pingsAtMost, tallyOf } from "#schema/cost/bill";
import { PRICES } from "#schema/cost/prices";
import { COST_COUNTED_MIN_MS } from "#schema/limits";
import type { Cost, Sample, Status } from "#schema/status";

const DAYS_PER_MONTH = MONTH_MS / (24 * 60 * 60 * 1_000);

/**
 * The bill by line, and the daily use beside each of the Free plan's allowances.
 *
 * @param sqliteBytes stored by the object
 * @param sockets open live channels: the bill assumes that so many stay open, and that their pings are billed
 * @returns `undefined` for under ten minutes of samples
 */
export function costOf(
  history: readonly Sample[],
  ledger: Status["ledger"],
  sqliteBytes: number,
  sockets = 0,
): Cost | undefined {
  const countedMs = history.reduce((sum, { ms }) => sum + ms, 0);
  if (countedMs < COST_COUNTED_MIN_MS) return undefined;
  const operations = total(history);
  const { message: posts = 0, poll: polls = 0 } = operations;
  const stored = { kvBytes: 0, sqliteBytes, kvBytesPerPost: 0 };
  // The object counted each sync on arrival, so no upper bound for readers in separate isolates is needed.
  const pings = pingsAtMost(sockets, countedMs);
  const counted = {
    ms: countedMs,
    ledger,
    operations,
    posts,
    polls,
    pings,
    readersApart: false,
    stored,
  };
  const bill = billOf(tallyOf(counted), countedMs);
  return {
    perMonthUsd: bill.usd.most,
    lines: bill.lines.map(({ part, meter, amount, usd }) => ({
      item: PRICES[meter].title,
      part,
      meter,
      perMonth: amount.most,
      usd: usd.most,
    })),
    free: bill.meters.flatMap(({ meter, amount }) => {
      const { title, free } = PRICES[meter];
      const isStored = meter.endsWith("stored_gb");
      if (free === null || isStored) return [];
      return { item: title, meter, perDay: amount.most / DAYS_PER_MONTH, allowed: free };
    }),
    countedMs,
  };
}

function total(history: readonly Sample[]): Record<string, number> {
  const sum: Record<string, number> = {};
  for (const { operations } of history)
    for (const [kind, count] of Object.entries(operations)) sum[kind] = (sum[kind] ?? 0) + count;
  return sum;
}
