import { short, usd } from "#client/status/figures";
import { PAID_PLAN_USD, PRICES_AS_OF } from "#schema/cost/prices";
import { COST_COUNTED_MIN_MS } from "#schema/limits";
import type { Cost, CostLine, Sample } from "#schema/status";

const MINUTE_MS = 60_000;

/** In dollars and in gigabytes: smaller amounts are shown as less than this. */
const LEAST = 0.01;

/** Labels for the parts of the bill. */
const PARTS: Record<CostLine["part"], string> = {
  posts: "messages",
  notices: "notices to the rebuilder",
  polls: "readers",
  rebuilds: "rebuilds",
  sweeps: "watchdog",
  bots: "bots",
  others: "other requests",
  connects: "live channels opened",
  messages: "live channel, incoming",
  pings: "live channel, pings",
  all: "all together",
};

interface CostPanelProps {
  cost: Cost | undefined;
  history: readonly Sample[];
}

/** The projected monthly bill, line by line. */
export function CostPanel({ cost, history }: CostPanelProps) {
  return (
    <section className="panel" aria-labelledby="cost-title">
      <div className="flex items-baseline gap-2">
        <h2 id="cost-title" className="me-auto font-semibold">
          Monthly cost at this rate
        </h2>
        {cost && <p className="key-figure leading-5">{usd(cost.perMonthUsd)}</p>}
      </div>
      {cost ? <Bill cost={cost} /> : <TooEarly history={history} />}
    </section>
  );
}

function Bill({ cost: { lines, countedMs } }: { cost: Cost }) {
  const byPrice = [...lines].sort((a, b) => b.usd - a.usd);
  const minutes = Math.round(countedMs / MINUTE_MS);
  return (
    <>
      <p className="text-small text-quiet">
        Paid plan at list prices of {PRICES_AS_OF}, projected from {minutes} minutes of data.
      </p>
      <table className="bill">
        <thead>
          <tr>
            <th scope="col">Item</th>
            <th scope="col">Per month</th>
            <th scope="col">Cost</th>
          </tr>
        </thead>
        <tbody>
          <tr>
            <th scope="row">Paid plan</th>
            <td />
            <td>{usd(PAID_PLAN_USD)}</td>
          </tr>
          {byPrice.map(({ item, part, meter, perMonth, usd: price }) => (
            <tr key={`${part} ${meter}`}>
              <th scope="row">
                {item} <span className="text-faint">· {PARTS[part]}</span>
              </th>
              <td>{perMonth < LEAST ? `< ${LEAST}` : short(perMonth)}</td>
              <td className={price > 0 ? "" : "text-faint"}>{priceWords(price)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <p className="mt-3 text-tiny text-faint">
        Pings of live channels are priced like other messages; the price list does not say whether
        they are free. Not included: CPU time, requests for the page itself, and KV storage.
      </p>
    </>
  );
}

function priceWords(price: number): string {
  if (price === 0) return "included";
  return price < LEAST ? "< 1 ¢" : usd(price);
}

function TooEarly({ history }: { history: readonly Sample[] }) {
  const counted = Math.floor(history.reduce((sum, { ms }) => sum + ms, 0) / MINUTE_MS);
  return (
    <p className="mt-2 text-quiet">
      Available after {COST_COUNTED_MIN_MS / MINUTE_MS} minutes of data ({counted} so far).
    </p>
  );
}
