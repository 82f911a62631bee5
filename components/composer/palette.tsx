import type { RefObject } from "react";
import { useDismiss } from "#client/browser/use-dismiss";
import { PALETTE } from "#client/chat/identity";

/** Names of the colours in `PALETTE`, in the same order. */
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
  /** The palette and its button: a press outside both closes the palette. */
  frame: RefObject<HTMLElement | null>;
  color: string;
  onPick: (color: string) => void;
  onClose: () => void;
}

/** The preset colours and a custom one. */
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
            // Arrow keys fire click events too, while the reader is still choosing.
            if (detail > 0) onClose();
          }}
        />
      ))}
      <label className="own-swatch" title="Custom colour">
        <span className="sr-only">Custom colour</span>
        <input
          type="color"
          value={color || PALETTE[0]}
          onChange={(event) => onPick(event.target.value)}
        />
      </label>
    </fieldset>
  );
}
