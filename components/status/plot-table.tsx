import { useState } from "react";
import { time } from "#client/status/figures";
import type { Slot } from "#client/status/plot";

export interface Series {
  name: string;
  slots: readonly Slot[];
  format: (value: number) => string;
}

interface PlotTableProps {
  title: string;
  series: readonly Series[];
}

/** The numbers behind a plot, newest first; rendered when opened. */
export function PlotTable({ title, series }: PlotTableProps) {
  const [isOpen, setOpen] = useState(false);
  const [first] = series;
  const minutes = (first?.slots ?? [])
    .map(({ at }, index) => ({
      at,
      values: series.map(({ slots }) => slots[index]?.value ?? null),
    }))
    .filter(({ values }) => values.some((value) => value !== null))
    .reverse();
  return (
    <details onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary className="plot-summary">
        Show as table<span className="sr-only">: {title}</span>
      </summary>
      {isOpen && (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling area must be reachable by keyboard.
        <section className="table-scroller" aria-label={`${title} by minute`} tabIndex={0}>
          <table>
            <thead>
              <tr>
                <th scope="col">Minute</th>
                {series.map(({ name }) => (
                  <th key={name} scope="col">
                    {name}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {minutes.map(({ at, values }) => (
                <tr key={at}>
                  <th scope="row">
                    <time dateTime={new Date(at).toISOString()}>{time(at)}</time>
                  </th>
                  {series.map(({ name, format }, index) => {
                    const value = values[index] ?? null;
                    return <td key={name}>{value === null ? "–" : format(value)}</td>;
                  })}
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      )}
    </details>
  );
}
