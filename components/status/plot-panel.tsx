import { type ReactNode, useId } from "react";
import { time } from "#client/status/figures";
import { mostOf, newestOf } from "#client/status/plot";
import { PlotTable, type Series } from "#components/status/plot-table";

interface PlotPanelProps {
  title: string;
  note: string;
  /** What is drawn, for the table; the first of them for the figure beside the title. */
  series: readonly [Series, ...Series[]];
  children: ReactNode;
}

/** A plot with its title, its newest figure, and a table of all that it shows. */
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
        <span className="me-auto text-[0.75rem] text-faint">{note}</span>
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

/** What one sees at first sight. */
function summary({ slots, format }: Series): string {
  const known = slots.filter(({ value }) => value !== null);
  const [first] = known;
  if (!first) return "Nothing was counted yet.";
  const newest = format(newestOf(slots) as number);
  return `${known.length} minutes from ${time(first.at)} on: at most ${format(mostOf(slots))}, in the newest ${newest}.`;
}
