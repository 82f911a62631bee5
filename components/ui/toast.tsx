import { useEffect, useRef, useState } from "react";

/** Something that just happened, with a way back if there is one. */
export interface Notice {
  text: string;
  undo?: () => void;
}

/** Long enough to read a line and to reach the button by keyboard. */
const SHOWN_MS = 10_000;

interface ToastProps {
  notice: Notice;
  onClose: () => void;
}

/**
 * Shows a notice for some seconds, longer while it is hovered or focused. Tab reaches the button after
 * the log, and Ctrl+Z (Cmd+Z) outside text fields does the same. The page announces the text itself:
 * a live region has to be there before its text.
 */
export function Toast({ notice, onClose }: ToastProps) {
  const { text, undo } = notice;
  const [isHeld, setHeld] = useState(false);
  const latest = useRef(onClose);
  latest.current = onClose;

  // biome-ignore lint/correctness/useExhaustiveDependencies: a new notice has its own time.
  useEffect(() => {
    if (isHeld) return;
    const timer = setTimeout(() => latest.current(), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [isHeld, notice]);

  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      const { key, ctrlKey, metaKey, shiftKey, altKey, target } = event;
      const isUndo = key.toLowerCase() === "z" && (ctrlKey || metaKey) && !shiftKey && !altKey;
      if (!isUndo || !undo || (target as HTMLElement).matches("input, textarea, select")) return;
      event.preventDefault();
      undo();
      latest.current();
    };
    document.addEventListener("keydown", onKeyDown);
    return () => document.removeEventListener("keydown", onKeyDown);
  }, [undo]);

  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the handlers only keep it on the page.
    <div
      className="toast"
      onPointerEnter={() => setHeld(true)}
      onPointerLeave={() => setHeld(false)}
      onFocus={() => setHeld(true)}
      onBlur={() => setHeld(false)}
    >
      <span className="min-w-0 truncate">{text}</span>
      {undo && (
        <button
          type="button"
          className="small-button"
          aria-label={`Undo: ${text}`}
          onClick={() => {
            undo();
            onClose();
          }}
        >
          Undo
        </button>
      )}
    </div>
  );
}
