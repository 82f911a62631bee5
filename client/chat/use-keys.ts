import { useEffect, useRef } from "react";
import type { KeyActions } from "./keyboard/keyboard";

/** Keyboard shortcuts, the log as one Tab stop, and a place for a focus whose element is removed. */
export function useKeys(actions: KeyActions): void {
  const latest = useRef(actions);
  latest.current = actions;

  useEffect(() => {
    let isMounted = true;
    let detach = () => {};
    const early: KeyboardEvent[] = [];
    const note = (event: KeyboardEvent) => void early.push(event);
    document.addEventListener("keydown", note);
    const forget = () => document.removeEventListener("keydown", note);
    import("./keyboard/keyboard")
      .then(({ attachKeyboard }) => {
        if (isMounted) detach = attachKeyboard(() => latest.current, early);
      })
      .catch(() => {
        // Probably offline. The page works without its keys until it is reloaded.
      })
      .finally(forget);
    return () => {
      isMounted = false;
      forget();
      detach();
    };
  }, []);
}
