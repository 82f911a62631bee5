import { mostOf, type Slot, topOf } from "#client/status/plot";
import { PlotFrame } from "#components/status/plot-frame";
import { SlotBars } from "#components/status/slot-bars";

/** Fewer than this never fill a plot: two messages are not many. */
const TOP_MIN = 4;

interface BarPlotProps {
  slots: readonly Slot[];
  format: (value: number) => string;
}

/** One bar a minute. */
export function BarPlot({ slots, format }: BarPlotProps) {
  const top = topOf(Math.max(TOP_MIN, mostOf(slots)));
  return (
    <PlotFrame slots={slots} top={top} format={format}>
      <SlotBars slots={slots} top={top} />
    </PlotFrame>
  );
}
