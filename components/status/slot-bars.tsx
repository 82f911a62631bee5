import type { Slot } from "#client/status/plot";
import { heightOf, PLOT_HEIGHT } from "#components/status/plot-frame";

/** Share of a minute's width that its bar takes. */
const BAR_WIDTH = 0.72;

/** A value above zero must stay visible. */
const HEIGHT_MIN = 2;

/** The bars of a plot as one path. */
export function SlotBars({ slots, top }: { slots: readonly Slot[]; top: number }) {
  const bars = slots.map(({ value }, index) => {
    if (value === null || value === 0) return "";
    const left = index + (1 - BAR_WIDTH) / 2;
    const y = Math.min(heightOf(value, top), PLOT_HEIGHT - HEIGHT_MIN);
    return `M${left} ${PLOT_HEIGHT}V${y}h${BAR_WIDTH}V${PLOT_HEIGHT}Z`;
  });
  return <path d={bars.join("")} className="plot-bars" />;
}
