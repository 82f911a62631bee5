import { useCallback, useRef, useState } from "react";
import { PALETTE } from "#client/identity";
import { useDismiss } from "#client/use-dismiss";

interface ColorPickerProps {
  color: string;
  onPick: (color: string) => void;
}

/** The reader's colour as a dot: one click opens the palette, a second one takes a colour. */
export function ColorPicker({ color, onPick }: ColorPickerProps) {
  const [open, setOpen] = useState(false);
  const frame = useRef<HTMLDivElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  const close = useCallback(() => {
    setOpen(false);
    // The focus would be lost with what held it.
    button.current?.focus();
  }, []);
  useDismiss(frame, open, close);

  return (
    <div ref={frame} className="relative">
      <button
        ref={button}
        type="button"
        aria-label="Your colour"
        aria-expanded={open}
        className="dot-button"
        onClick={() => setOpen(!open)}
      >
        <span aria-hidden className="size-3 rounded-full bg-tint" />
      </button>
      {open && (
        <fieldset className="palette">
          <legend className="sr-only">Your colour</legend>
          {PALETTE.map((choice) => (
            <input
              key={choice.name}
              type="radio"
              name="color"
              aria-label={choice.name}
              title={choice.name}
              checked={choice.color === color}
              style={{ backgroundColor: choice.color }}
              className="swatch"
              onChange={() => onPick(choice.color)}
              onClick={({ detail }) => {
                // Arrow keys click, too, on their way to the colour they look for.
                if (detail > 0) close();
              }}
            />
          ))}
          <label className="own-swatch" title="Another colour">
            <span className="sr-only">Another colour</span>
            <input
              type="color"
              value={color || PALETTE[0].color}
              onChange={(event) => onPick(event.target.value)}
            />
          </label>
        </fieldset>
      )}
    </div>
  );
}
