import type { ReactNode } from "react";
import { time } from "#client/status/figures";
import type { Slot } from "#client/status/plot";

/** Height of a plot's coordinate system: values are a percentage of the scale. */
export const PLOT_HEIGHT = 100;

interface PlotFrameProps {
  slots: readonly Slot[];
  /** The highest value of the scale. */
  top: number;
  format: (value: number) => string;
  /** Drawn in a box one unit wide per slot and `PLOT_HEIGHT` high, y pointing down. */
  children: ReactNode;
  /** A labelled line at a value of the scale. */
  mark?: { value: number; name: string } | undefined;
}

/**
 * Scale, lines and times around a plot. Labels are HTML, so that they keep their size while the
 * drawing stretches. Hidden from screen readers, which get the table.
 */
export function PlotFrame({ slots, top, format, children, mark }: PlotFrameProps) {
  const last = slots.length - 1;
  const middle = slots.length / 2;
  return (
    <div aria-hidden className="plot">
      <div className="plot-scale">
        <span>{format(top)}</span>
        <span>{format(top / 2)}</span>
        <span>0</span>
      </div>
      <div className="plot-area">
        <svg
          aria-hidden
          viewBox={`0 0 ${slots.length} ${PLOT_HEIGHT}`}
          preserveAspectRatio="none"
          className="plot-drawing"
        >
          {[0, PLOT_HEIGHT / 2, PLOT_HEIGHT].map((y) => (
            <path key={y} d={`M0 ${y}H${slots.length}`} className="plot-line" />
          ))}
          {children}
        </svg>
        {mark && mark.value <= top && (
          <span className="plot-mark" style={{ bottom: `${(mark.value / top) * 100}%` }}>
            {mark.name}
          </span>
        )}
      </div>
      <div className="plot-times">
        {[slots[0], slots[middle], slots[last]].map(
          (slot) => slot && <span key={slot.at}>{time(slot.at)}</span>,
        )}
      </div>
    </div>
  );
}

/** The y coordinate of a value. */
export function heightOf(value: number, top: number): number {
  return PLOT_HEIGHT - (Math.min(value, top) / top) * PLOT_HEIGHT;
}
