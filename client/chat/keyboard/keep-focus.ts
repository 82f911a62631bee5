/**
 * Browsers move the focus to the body when the focused element is removed; the next key then starts
 * at the top of the page. This moves it to a place near by instead.
 */

/** Elements remembered, so that some of them are still in the page. */
const TRAIL_MAX = 16;

export interface FocusKeeper {
  /** Elements that had the focus, newest first; some may be gone. */
  trail: () => readonly HTMLElement[];
  detach: () => void;
}

/**
 * @param near the element to focus in place of a removed one; `null` for the one focused before it
 * @param home the last resort
 */
export function keepFocus(
  near: (removed: HTMLElement, records: readonly MutationRecord[]) => HTMLElement | null,
  home: HTMLElement,
): FocusKeeper {
  let trail: HTMLElement[] = [];
  /** Has the focus, or had it until it was removed. */
  let held = focusedElement();

  const onFocusIn = ({ target }: FocusEvent) => {
    held = target as HTMLElement;
    trail = [held, ...trail.filter((other) => other !== held)].slice(0, TRAIL_MAX);
  };
  const onFocusOut = ({ target }: FocusEvent) => {
    // Some browsers send this event while they remove the element.
    queueMicrotask(() => {
      const element = target as HTMLElement;
      // A press on the background takes the focus away, and that is what the reader wants.
      const isLeft = held === element && focusedElement() !== element;
      if (isLeft && element.checkVisibility()) held = null;
    });
  };
  const observer = new MutationObserver((records) => {
    if (!held || held.isConnected || focusedElement()) return;
    const candidates = [near(held, records), ...trail.filter(isWelcome), home];
    for (const candidate of candidates) {
      candidate?.focus({ preventScroll: true });
      if (focusedElement()) return;
    }
  });

  document.addEventListener("focusin", onFocusIn);
  document.addEventListener("focusout", onFocusOut);
  observer.observe(document.body, { childList: true, subtree: true });
  return {
    trail: () => trail,
    detach: () => {
      document.removeEventListener("focusin", onFocusIn);
      document.removeEventListener("focusout", onFocusOut);
      observer.disconnect();
    },
  };
}

function focusedElement(): HTMLElement | null {
  const active = document.activeElement;
  return active === document.body ? null : (active as HTMLElement | null);
}

/** On touch, a focused text field would open the keyboard. */
function isWelcome(element: HTMLElement): boolean {
  return !(element.matches("input, textarea") && matchMedia("(pointer: coarse)").matches);
}
