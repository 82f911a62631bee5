import { mostOf, type Slot, topOf } from "#client/status/plot";
import { PlotFrame } from "#components/status/plot-frame";
import { SlotBars } from "#components/status/slot-bars";

/** Minimum top of the scale: two messages should not fill the plot. */
const TOP_MIN = 4;

interface BarPlotProps {
  slots: readonly Slot[];
  format: (value: number) => string;
}

/** A bar per minute. */
export function BarPlot({ slots, format }: BarPlotProps) {
  const top = topOf(Math.max(TOP_MIN, mostOf(slots)));
  return (
    <PlotFrame slots={slots} top={top} format={format}>
      <SlotBars slots={slots} top={top} />
    </PlotFrame>
  );
}
