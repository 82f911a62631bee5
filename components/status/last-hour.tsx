import { memo } from "react";
import { count, duration } from "#client/status/figures";
import { slotsOf } from "#client/status/plot";
import { BarPlot } from "#components/status/bar-plot";
import { OperationsPanel } from "#components/status/operations-panel";
import { PlotPanel } from "#components/status/plot-panel";
import { StepPlot } from "#components/status/step-plot";
import { CACHE_LATE_MS } from "#schema/limits";
import type { Sample, Status } from "#schema/status";

const LATE = { value: CACHE_LATE_MS, name: `late above ${duration(CACHE_LATE_MS)}` };

interface LastHourProps {
  history: readonly Sample[];
  ledger: Status["ledger"];
  /** End of the newest complete minute, ms since the epoch. */
  end: number;
}

/** The last hour in plots, one step per minute. */
export const LastHour = memo(function LastHour({ history, ledger, end }: LastHourProps) {
  const age = slotsOf(history, end, ({ ageMaxMs }) => ageMaxMs);
  const median = slotsOf(history, end, ({ rebuilds }) => rebuilds.p50Ms);
  const longest = slotsOf(history, end, ({ rebuilds }) => rebuilds.maxMs);
  const failed = slotsOf(history, end, ({ rebuilds }) => rebuilds.failed);
  const messages = slotsOf(history, end, ({ operations }) => operations.message ?? 0);
  return (
    <section aria-labelledby="hour-title">
      <h2 id="hour-title" className="section-title">
        Last hour
      </h2>
      {history.length === 0 && (
        <p className="mb-3 text-quiet">Collecting the first minute of data…</p>
      )}
      <div className="panels">
        <PlotPanel
          title="Cache age"
          note="maximum per minute"
          series={[{ name: "Maximum", slots: age, format: duration }]}
        >
          <StepPlot slots={age} limit={LATE} format={duration} />
        </PlotPanel>
        <PlotPanel
          title="Rebuild time"
          note="median to longest"
          series={[
            { name: "Median", slots: median, format: duration },
            { name: "Longest", slots: longest, format: duration },
            { name: "Failed", slots: failed, format: count },
          ]}
        >
          <StepPlot slots={median} upTo={longest} format={duration} />
        </PlotPanel>
        <PlotPanel
          title="Messages"
          note="per minute, people and bots"
          series={[{ name: "Messages", slots: messages, format: count }]}
        >
          <BarPlot slots={messages} format={count} />
        </PlotPanel>
        <OperationsPanel history={history} ledger={ledger} end={end} />
      </div>
    </section>
  );
});
