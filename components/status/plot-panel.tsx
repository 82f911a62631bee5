import { type ReactNode, useId } from "react";
import { time } from "#client/status/figures";
import { mostOf, newestOf } from "#client/status/plot";
import { PlotTable, type Series } from "#components/status/plot-table";

interface PlotPanelProps {
  title: string;
  note: string;
  /** All series for the table; the first one also gives the figure beside the title. */
  series: readonly [Series, ...Series[]];
  children: ReactNode;
}

/** A plot with its title, its newest value, and a table of its data. */
export function PlotPanel({ title, note, series, children }: PlotPanelProps) {
  const id = useId();
  const [{ slots, format }] = series;
  const newest = newestOf(slots);
  return (
    <figure className="panel" aria-labelledby={id}>
      <figcaption className="flex items-baseline gap-x-2">
        <h3 id={id} className="font-semibold whitespace-nowrap">
          {title}
        </h3>
        <span className="me-auto text-tiny text-faint">{note}</span>
        <span className="font-semibold whitespace-nowrap tabular-nums">
          {newest === null ? "–" : format(newest)}
        </span>
      </figcaption>
      <p className="sr-only">{summary(series[0])}</p>
      {children}
      <PlotTable title={title} series={series} />
    </figure>
  );
}

/** The plot in words, for screen readers. */
function summary({ slots, format }: Series): string {
  const known = slots.filter(({ value }) => value !== null);
  const [first] = known;
  if (!first) return "No data yet.";
  const newest = format(newestOf(slots) as number);
  return `${known.length} minutes since ${time(first.at)}: maximum ${format(mostOf(slots))}, latest ${newest}.`;
}
