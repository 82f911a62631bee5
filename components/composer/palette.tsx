import type { RefObject } from "react";
import { useDismiss } from "#client/browser/use-dismiss";
import { PALETTE } from "#client/chat/identity";

/** What the colours of `PALETTE` are called, in its order. */
const NAMES = [
  "coral",
  "orange",
  "amber",
  "olive",
  "lime",
  "green",
  "teal",
  "sky",
  "blue",
  "violet",
  "orchid",
  "pink",
];

interface PaletteProps {
  /** The palette and what opens it: a press beside both closes. */
  frame: RefObject<HTMLElement | null>;
  color: string;
  onPick: (color: string) => void;
  onClose: () => void;
}

/** The colours to choose from, and any other. */
export function Palette({ frame, color, onPick, onClose }: PaletteProps) {
  useDismiss(frame, onClose);
  return (
    <fieldset className="palette">
      <legend className="sr-only">Your colour</legend>
      {PALETTE.map((choice, index) => (
        <input
          key={choice}
          type="radio"
          name="color"
          aria-label={NAMES[index]}
          title={NAMES[index]}
          checked={choice === color}
          style={{ backgroundColor: choice }}
          className="swatch"
          onChange={() => onPick(choice)}
          onClick={({ detail }) => {
            // Arrow keys click, too, on their way to the colour they look for.
            if (detail > 0) onClose();
          }}
        />
      ))}
      <label className="own-swatch" title="Another colour">
        <span className="sr-only">Another colour</span>
        <input
          type="color"
          value={color || PALETTE[0]}
          onChange={(event) => onPick(event.target.value)}
        />
      </label>
    </fieldset>
  );
}
