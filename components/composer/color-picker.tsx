import { Suspense, useCallback, useRef, useState } from "react";
import { later } from "#components/ui/later";

const Palette = later(async () => (await import("./palette")).Palette);

interface ColorPickerProps {
  color: string;
  onPick: (color: string) => void;
}

/** The reader's colour as a dot: one click opens the palette, a second one picks a colour. */
export function ColorPicker({ color, onPick }: ColorPickerProps) {
  const [open, setOpen] = useState(false);
  const frame = useRef<HTMLDivElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  const close = useCallback(() => {
    setOpen(false);
    // The focused element is being unmounted.
    button.current?.focus();
  }, []);

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
      <Suspense>
        {open && <Palette frame={frame} color={color} onPick={onPick} onClose={close} />}
      </Suspense>
    </div>
  );
}
