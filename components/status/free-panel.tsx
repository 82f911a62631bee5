import { count, short, usedUpAt } from "#client/status/figures";
import type { Cost, FreeAllowance } from "#schema/status";

/** Projected use of each daily allowance of the Free plan. */
export function FreePanel({ cost }: { cost: Cost | undefined }) {
  const fullest = [...(cost?.free ?? [])].sort((a, b) => shareOf(b) - shareOf(a));
  const over = fullest.filter((allowance) => shareOf(allowance) > 1).length;
  return (
    <section className="panel" aria-labelledby="free-title">
      <h2 id="free-title" className="font-semibold">
        Daily use on the Free plan
      </h2>
      {cost ? (
        <p className="text-small text-quiet">
          {over === 0
            ? "At this rate, no daily limit is reached."
            : "At this rate, a daily limit is reached. Operations beyond it fail until midnight UTC."}
        </p>
      ) : (
        <p className="mt-2 text-quiet">Available together with the monthly cost.</p>
      )}
      <ul className="mt-3 flex flex-col gap-3">
        {fullest.map((allowance) => (
          <AllowanceRow key={allowance.meter} allowance={allowance} />
        ))}
      </ul>
    </section>
  );
}

function AllowanceRow({ allowance }: { allowance: FreeAllowance }) {
  const { item, perDay, allowed } = allowance;
  const share = shareOf(allowance);
  const isOver = share > 1;
  return (
    <li>
      <div className="flex flex-wrap items-baseline gap-x-2">
        <span className="me-auto">{item}</span>
        <span className="text-small text-quiet tabular-nums">
          {count(perDay)} of {count(allowed)}
          {isOver && ` · ${short(share)}×`}
        </span>
      </div>
      <svg aria-hidden viewBox="0 0 100 1" preserveAspectRatio="none" className="allowance">
        <rect width="100" height="1" className="allowance-ground" />
        <rect
          width={Math.min(1, share) * 100}
          height="1"
          className={isOver ? "allowance-over" : "allowance-used"}
        />
      </svg>
      {isOver && <p className="text-tiny text-alarm">Runs out at {usedUpAt(share)}</p>}
    </li>
  );
}

function shareOf({ perDay, allowed }: FreeAllowance): number {
  return perDay / allowed;
}
