import { useId } from "react";
import { billedIn, COUNTED_METERS } from "#client/status/billed";
import { count, short } from "#client/status/figures";
import { mostOf, newestOf, type Slot, slotsOf } from "#client/status/plot";
import { PLOT_HEIGHT } from "#components/status/plot-frame";
import { PlotTable } from "#components/status/plot-table";
import { SlotBars } from "#components/status/slot-bars";
import { PRICES } from "#schema/cost/prices";
import type { Sample, Status } from "#schema/status";

interface OperationsPanelProps {
  history: readonly Sample[];
  ledger: Status["ledger"];
  end: number;
}

/** Billed operations, each type on its own scale: one may be a thousand times another. */
export function OperationsPanel({ history, ledger, end }: OperationsPanelProps) {
  const id = useId();
  const series = COUNTED_METERS.map((meter) => ({
    name: PRICES[meter].title,
    slots: slotsOf(history, end, (sample) => billedIn(sample, ledger)[meter] ?? 0),
    format: count,
  }));
  return (
    <figure className="panel" aria-labelledby={id}>
      <figcaption className="flex items-baseline gap-x-2">
        <h3 id={id} className="font-semibold whitespace-nowrap">
          Operations
        </h3>
        <span className="me-auto text-tiny text-faint">per minute, by type</span>
      </figcaption>
      <ul className="mt-2 flex flex-col">
        {series.map(({ name, slots }) => (
          <OperationRow key={name} name={name} slots={slots} />
        ))}
      </ul>
      <PlotTable title="Operations" series={series} />
    </figure>
  );
}

function OperationRow({ name, slots }: { name: string; slots: readonly Slot[] }) {
  const most = mostOf(slots);
  const newest = newestOf(slots);
  return (
    <li className="operation-row">
      <span>{name}</span>
      <svg
        aria-hidden
        viewBox={`0 0 ${slots.length} ${PLOT_HEIGHT}`}
        preserveAspectRatio="none"
        className="operation-drawing"
      >
        <path d={`M0 ${PLOT_HEIGHT}H${slots.length}`} className="plot-line" />
        <SlotBars slots={slots} top={most || 1} />
      </svg>
      <span className="text-end tabular-nums">
        {newest === null ? "–" : short(newest)}
        <span className="block text-tiny text-faint">max {short(most)}</span>
      </span>
    </li>
  );
}
