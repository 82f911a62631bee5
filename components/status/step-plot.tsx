import { mostOf, type Slot, topOf } from "#client/status/plot";
import { heightOf, PLOT_HEIGHT, PlotFrame } from "#components/status/plot-frame";

/** Room above a limit for values that exceed it. */
const LIMIT_ROOM = 1.1;

interface StepPlotProps {
  slots: readonly Slot[];
  /** Upper ends of the range drawn above each slot. */
  upTo?: readonly Slot[];
  /** A limit the values should stay below; drawn, and included in the scale. */
  limit?: { value: number; name: string };
  format: (value: number) => string;
}

/** A step per minute; minutes without data stay empty. */
export function StepPlot({ slots, upTo = [], limit, format }: StepPlotProps) {
  const top = topOf(Math.max(mostOf(slots), mostOf(upTo), limit ? limit.value * LIMIT_ROOM : 0));
  const y = (value: number) => heightOf(value, top);
  const high = limit && slots.map((slot) => ((slot.value ?? 0) > limit.value ? slot : none(slot)));
  return (
    <PlotFrame slots={slots} top={top} format={format} mark={limit}>
      {upTo.length > 0 && <path d={columns(upTo, y, slots)} className="plot-range" />}
      {upTo.length === 0 && <path d={columns(slots, y)} className="plot-fill" />}
      <path d={steps(slots, y)} className="plot-step" />
      {high && <path d={columns(high, y)} className="plot-high" />}
      {limit && <path d={`M0 ${y(limit.value)}H${slots.length}`} className="plot-limit" />}
    </PlotFrame>
  );
}

/** A line from step to step, interrupted where a value is missing. */
function steps(slots: readonly Slot[], y: (value: number) => number): string {
  let isDrawing = false;
  return slots
    .map(({ value }, index) => {
      const to = value === null ? "" : `${isDrawing ? "V" : `M${index} `}${y(value)}H${index + 1}`;
      isDrawing = value !== null;
      return to;
    })
    .join("");
}

/** The area from the bottom, or from another series, up to each value. */
function columns(
  slots: readonly Slot[],
  y: (value: number) => number,
  from: readonly Slot[] = [],
): string {
  return slots
    .map(({ value }, index) => {
      if (value === null) return "";
      const ground = from[index]?.value ?? null;
      const base = ground === null ? PLOT_HEIGHT : y(ground);
      return `M${index} ${base}V${y(value)}H${index + 1}V${base}Z`;
    })
    .join("");
}

function none({ at }: Slot): Slot {
  return { at, value: null };
}
