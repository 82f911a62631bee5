import { PALETTE } from "#client/identity";

interface PaletteProps {
  color: string;
  onPick: (color: string) => void;
  onClose: () => void;
}

/** The colours to choose from, and any other. */
export function Palette({ color, onPick, onClose }: PaletteProps) {
  return (
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
            if (detail > 0) onClose();
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
  );
}
