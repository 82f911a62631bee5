/** The page's keys and the place of the focus. Loaded after the first view, which needs none of it. */
import { flushSync } from "react-dom";
import { composer } from "../composer";
import { type Command, commandOf } from "./command";
import { isOfComposition } from "./composition";
import { keepFocus } from "./keep-focus";
import { LogStops } from "./log-stops";
import { riseInto } from "./rise";

/** The search bar may be loading for this long after its key; letters typed meanwhile are kept for it. */
const SEARCH_LOAD_MAX_MS = 5_000;

/** Actions of the keys. They don't apply in dialogs, and only `leave` does in text fields. */
export interface KeyActions {
  /** Opens the search; with `text`, for these words. */
  search: (text?: string) => void;
  help: () => void;
  toBottom: () => void;
  reply: (id: string) => void;
  /** Cancels the reply, else closes the search. */
  leave: () => void;
}

/**
 * Starts listening. Returns a function that stops it.
 * @param actions the current ones
 * @param early keys that were pressed before this was loaded
 */
export function attachKeyboard(
  actions: () => KeyActions,
  early: readonly KeyboardEvent[],
): () => void {
  const log = document.querySelector<HTMLElement>("[role=log]");
  const scroller = log?.closest("main");
  if (!log || !scroller) return () => {};
  const stops = new LogStops(log, scroller);
  const detachStops = stops.attach();
  const stopRising = riseInto(log);
  const keeper = keepFocus((removed, records) => stops.nearest(removed, records), scroller);

  /** Characters typed since the search's key, while its field is not there yet. */
  let ahead: { text: string; until: number } | null = null;

  /** Keeps a character for the search field, or sends it there; otherwise returns `false`. */
  const typeAhead = (event: KeyboardEvent): boolean => {
    if (ahead === null || event.key.length !== 1) return false;
    const isOver = performance.now() > ahead.until || isTyping(event.target as HTMLElement);
    const field = searchField();
    if (isOver || field) {
      ahead = null;
      // The browser then types the character there.
      if (!isOver) field?.focus();
      return !isOver;
    }
    ahead.text += event.key;
    actions().search(ahead.text);
    event.preventDefault();
    return true;
  };

  const backToLog = () => {
    const row = keeper.trail().find((element) => element.isConnected && log.contains(element));
    if (row) row.focus();
    else stops.enter();
  };

  const leave = (target: HTMLElement) => {
    const stop = stops.focused();
    if (stop && stop !== target) {
      stop.focus();
      return;
    }
    ahead = null;
    actions().leave();
    if (target === composer()) backToLog();
  };

  /** Returns whether the key did something. */
  const run = (command: Command): boolean => {
    const focused = stops.focused();
    switch (command) {
      case "search": {
        const field = searchField();
        if (field) field.focus();
        else {
          ahead = { text: "", until: performance.now() + SEARCH_LOAD_MAX_MS };
          actions().search();
        }
        return true;
      }
      case "help":
        actions().help();
        return true;
      case "write":
        composer()?.focus();
        return true;
      case "reply":
        if (!focused?.id) return false;
        actions().reply(focused.id);
        composer()?.focus();
        return true;
      case "next":
        stops.step(1);
        return true;
      case "previous":
        stops.step(-1);
        return true;
      case "newest":
        // The newest rows may not be rendered yet.
        flushSync(() => actions().toBottom());
        if (focused) stops.last();
        return true;
    }
    if (!focused) return false;
    if (command === "down") stops.step(1);
    else if (command === "up") stops.step(-1);
    else if (command === "first") stops.first();
    else if (command === "in") stops.walk(1);
    else if (command === "out") stops.walk(-1);
    else if (command === "open" && document.activeElement?.matches("article")) stops.walk(1);
    else return false;
    return true;
  };

  const onKeyDown = (event: KeyboardEvent) => {
    const { key, ctrlKey, metaKey, altKey, defaultPrevented } = event;
    if (ctrlKey || metaKey || altKey || isOfComposition(event) || defaultPrevented) return;
    if (document.querySelector("dialog[open]")) return;
    if (key === "Tab") return stops.beforeTab();
    const target = event.target as HTMLElement;
    if (typeAhead(event)) return;
    if (key === "Enter" && target === searchField()) return stops.enter();
    const command = commandOf(event);
    if (command === "leave") return leave(target);
    if (command && !isTyping(target) && run(command)) event.preventDefault();
  };
  // The field takes its own characters from then on, also if it is closed at once.
  const onFocusIn = ({ target }: FocusEvent) => {
    if (target === searchField()) ahead = null;
  };
  document.addEventListener("keydown", onKeyDown);
  document.addEventListener("focusin", onFocusIn);
  for (const event of early) onKeyDown(event);
  return () => {
    document.removeEventListener("keydown", onKeyDown);
    document.removeEventListener("focusin", onFocusIn);
    keeper.detach();
    detachStops();
    stopRising();
  };
}

function searchField(): HTMLElement | null {
  return document.querySelector<HTMLElement>("search input[type=search]");
}

function isTyping(element: HTMLElement): boolean {
  return element.matches("input:not([type=radio]), textarea, select");
}
