import { short, usd } from "#client/status/figures";
import { COST_COUNTED_MIN_MS } from "#schema/limits";
import { PAID_PLAN_USD, PRICES_AS_OF } from "#schema/prices";
import type { Cost, CostLine, Sample } from "#schema/status";

const MINUTE_MS = 60_000;

/** Of dollars, and of gigabytes: less is told as less than this. */
const LEAST = 0.01;

/** What each part of the bill is for. */
const PARTS: Record<CostLine["part"], string> = {
  posts: "messages",
  notices: "telling the rebuilder",
  polls: "readers",
  rebuilds: "rebuilds",
  sweeps: "the watchdog",
  bots: "bots",
  others: "other requests",
  all: "all together",
};

interface CostPanelProps {
  cost: Cost | undefined;
  history: readonly Sample[];
}

/** The bill of a month, line by line, should it go on like this. */
export function CostPanel({ cost, history }: CostPanelProps) {
  return (
    <section className="panel" aria-labelledby="cost-title">
      <div className="flex items-baseline gap-2">
        <h2 id="cost-title" className="me-auto font-semibold">
          A month at this pace
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
      <p className="text-[0.8125rem] text-quiet">
        On the Paid plan, from {minutes} minutes counted, at list prices of {PRICES_AS_OF}.
      </p>
      <table className="bill">
        <thead>
          <tr>
            <th scope="col">For</th>
            <th scope="col">A month</th>
            <th scope="col">Cost</th>
          </tr>
        </thead>
        <tbody>
          <tr>
            <th scope="row">The plan</th>
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
      <p className="mt-3 text-[0.75rem] text-faint">
        Not counted: CPU time, requests for the page itself, and what is stored in KV.
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
      Told once {COST_COUNTED_MIN_MS / MINUTE_MS} minutes were counted; so far it is {counted}.
    </p>
  );
}
