/**
 * Makes the log one Tab stop, as the ARIA practices describe for feeds and grids: one row has
 * `tabindex="0"`, all other rows and all controls inside rows have `-1` and are reached with other
 * keys.
 */

/** A row, or the button that stands between rows where older messages are missing. */
const STOPS = "article[data-key], .hole-marker button";
const CONTROLS = "a[href], button, input, select, textarea, summary";

export class LogStops {
  readonly #log: HTMLElement;
  readonly #scroller: HTMLElement;
  /** The stop that Tab leads to. */
  #current: HTMLElement | null = null;
  /** Whether the reader has focused it; until then it is the newest. */
  #isChosen = false;

  /** @param log the log's element, inside the one that scrolls */
  constructor(log: HTMLElement, scroller: HTMLElement) {
    this.#log = log;
    this.#scroller = scroller;
  }

  /** Starts. Returns a function that stops it. */
  attach(): () => void {
    const observer = new MutationObserver((records) => {
      for (const { addedNodes } of records) for (const node of addedNodes) skipControlsIn(node);
      if (!this.#current?.isConnected) this.#isChosen = false;
      if (!this.#isChosen) this.#select(this.#stops().at(-1) ?? null);
    });
    const onFocusIn = ({ target }: FocusEvent) => {
      this.#isChosen = true;
      this.#select(stopOf(target));
    };
    skipControlsIn(this.#log);
    this.#select(this.#stops().at(-1) ?? null);
    observer.observe(this.#log, { childList: true, subtree: true });
    this.#log.addEventListener("focusin", onFocusIn);
    return () => {
      observer.disconnect();
      this.#log.removeEventListener("focusin", onFocusIn);
    };
  }

  /** Call before Tab moves the focus: a reader who scrolled away must not be taken back. */
  beforeTab(): void {
    if (!this.#log.contains(document.activeElement)) this.#select(this.#inView());
  }

  /** The stop that has the focus, itself or inside. */
  focused(): HTMLElement | null {
    const stop = stopOf(document.activeElement);
    return stop && this.#log.contains(stop) ? stop : null;
  }

  /** Moves the focus to the next or previous row; from outside the log, to a row in view. */
  step(by: 1 | -1): void {
    const focused = this.focused();
    const stops = this.#stops();
    focusOn(focused ? stops[stops.indexOf(focused) + by] : this.#inView());
  }

  first(): void {
    focusOn(this.#stops()[0]);
  }

  last(): void {
    focusOn(this.#stops().at(-1));
  }

  /** Focuses the current row if it is in view, else the lowest row in view. */
  enter(): void {
    focusOn(this.#inView());
  }

  /** Moves the focus along a row: the row itself, then its links and buttons. */
  walk(by: 1 | -1): void {
    const stop = this.focused();
    if (!stop) return;
    const controls = [...stop.querySelectorAll<HTMLElement>(CONTROLS)].filter(isVisible);
    const along = [stop, ...controls];
    along[along.indexOf(document.activeElement as HTMLElement) + by]?.focus();
  }

  /**
   * The stop nearest to one that was removed.
   * @param records of the removal
   */
  nearest(removed: Node, records: readonly MutationRecord[]): HTMLElement | null {
    const record = recordOf(removed, records);
    if (!record || !this.#log.contains(record.target)) return null;
    const row = stopOf(record.target);
    if (row) return row;
    const from = record.target === this.#log ? afterRemoved(record, records) : record.target;
    const stops = this.#stops();
    return stops.find((stop) => from && isAtOrAfter(stop, from)) ?? stops.at(-1) ?? null;
  }

  #stops(): HTMLElement[] {
    return [...this.#log.querySelectorAll<HTMLElement>(STOPS)];
  }

  #select(stop: HTMLElement | null): void {
    if (!stop || stop === this.#current) return;
    if (this.#current) this.#current.tabIndex = -1;
    this.#current = stop;
    stop.tabIndex = 0;
  }

  #inView(): HTMLElement | null {
    const view = this.#scroller.getBoundingClientRect();
    const isIn = (stop: HTMLElement) => {
      const { top, bottom } = stop.getBoundingClientRect();
      return top < view.bottom && bottom > view.top;
    };
    if (this.#isChosen && this.#current && isIn(this.#current)) return this.#current;
    return this.#stops().findLast(isIn) ?? this.#current;
  }
}

function stopOf(target: EventTarget | null): HTMLElement | null {
  return target instanceof Element ? target.closest<HTMLElement>(STOPS) : null;
}

function skipControlsIn(node: Node): void {
  if (!(node instanceof HTMLElement)) return;
  if (node.matches(CONTROLS)) node.tabIndex = -1;
  for (const control of node.querySelectorAll<HTMLElement>(CONTROLS)) control.tabIndex = -1;
}

function focusOn(stop: HTMLElement | null | undefined): void {
  stop?.focus({ preventScroll: true });
  stop?.scrollIntoView({ block: "nearest" });
}

function isVisible(element: HTMLElement): boolean {
  return element.checkVisibility({ visibilityProperty: true });
}

/** The record of the removal that took `node` out of the page. */
function recordOf(node: Node, records: readonly MutationRecord[]): MutationRecord | undefined {
  return records.findLast(({ removedNodes }) =>
    [...removedNodes].some((removed) => removed.contains(node)),
  );
}

/** The node after a removed one. Those next to it may have been removed as well. */
function afterRemoved(
  { nextSibling }: MutationRecord,
  records: readonly MutationRecord[],
): Node | null {
  let next = nextSibling;
  while (next && !next.isConnected) next = recordOf(next, records)?.nextSibling ?? null;
  return next;
}

function isAtOrAfter(stop: Node, from: Node): boolean {
  return (
    stop === from || Boolean(from.compareDocumentPosition(stop) & Node.DOCUMENT_POSITION_FOLLOWING)
  );
}
