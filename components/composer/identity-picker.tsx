import { type MouseEvent, Suspense, useCallback, useRef, useState } from "react";
import { flushSync } from "react-dom";
import { composer } from "#client/chat/composer";
import type { useIdentity } from "#client/chat/use-identity";
import { NameField } from "#components/composer/name-field";
import { later } from "#components/ui/later";

const Palette = later(async () => (await import("./palette")).Palette);

interface IdentityPickerProps {
  identity: ReturnType<typeof useIdentity>;
}

/**
 * The reader's name and colour. In a wide window they are a field and a dot that opens the palette;
 * in a narrow or low one a chip opens both. The style sheet decides which.
 */
export function IdentityPicker({ identity }: IdentityPickerProps) {
  const { name, color, setName, setColor } = identity;
  const [open, setOpen] = useState(false);
  const frame = useRef<HTMLDivElement>(null);
  const opener = useRef<HTMLButtonElement>(null);
  const toggle = ({ currentTarget }: MouseEvent<HTMLButtonElement>) => {
    opener.current = currentTarget;
    setOpen(!open);
  };
  const toggleBoth = (event: MouseEvent<HTMLButtonElement>) => {
    // Phones open their keyboard only for a field that gets the focus during the tap.
    flushSync(() => toggle(event));
    frame.current?.querySelector("input")?.focus();
  };
  const close = useCallback(() => {
    setOpen(false);
    // The focused element disappears.
    opener.current?.focus();
  }, []);
  const dot = <span aria-hidden className="color-dot" />;
  return (
    <div ref={frame} className="identity" data-open={open || undefined}>
      <button
        type="button"
        aria-label={name ? `Name and colour: ${name}` : "Name and colour"}
        aria-expanded={open}
        className="identity-chip"
        onClick={toggleBoth}
      >
        {dot}
        {name ? <bdi>{name}</bdi> : <span className="text-quiet">Name</span>}
      </button>
      <div className="identity-fields">
        <button
          type="button"
          aria-label="Your colour"
          aria-expanded={open}
          className="dot-button"
          onClick={toggle}
        >
          {dot}
        </button>
        <NameField
          name={name}
          onChange={setName}
          onDone={() => {
            setOpen(false);
            composer()?.focus();
          }}
        />
        <Suspense>
          {open && <Palette frame={frame} color={color} onPick={setColor} onClose={close} />}
        </Suspense>
      </div>
    </div>
  );
}
