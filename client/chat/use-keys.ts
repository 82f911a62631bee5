import { useEffect, useRef } from "react";

/** Actions of the page's keyboard shortcuts. They don't apply in text fields and dialogs. */
export interface KeyActions {
  search: () => void;
  help: () => void;
  toBottom: () => void;
  reply: (id: string) => void;
  leave: () => void;
}

export function useKeys(actions: KeyActions): void {
  const latest = useRef(actions);
  latest.current = actions;

  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      const { key, target, ctrlKey, metaKey, altKey, isComposing, defaultPrevented } = event;
      if (ctrlKey || metaKey || altKey || isComposing || defaultPrevented) return;
      if (document.querySelector("dialog[open]")) return;
      const focused = (target as HTMLElement).closest<HTMLElement>("article[data-key]");
      const { search, help, toBottom, reply, leave } = latest.current;
      if (key === "Escape") return leave();
      if (isTyping(target as HTMLElement)) return;
      if (key === "/") search();
      else if (key === "?") help();
      else if (key === "End") toBottom();
      else if (key === "r" && focused?.id) reply(focused.id);
      else if (key === "j" || (key === "ArrowDown" && focused)) step(focused, 1);
      else if (key === "k" || (key === "ArrowUp" && focused)) step(focused, -1);
      else return;
      event.preventDefault();
    };
    document.addEventListener("keydown", onKeyDown);
    return () => document.removeEventListener("keydown", onKeyDown);
  }, []);
}

/** Moves the focus to the next or previous message; without a focused one, to the last. */
function step(focused: HTMLElement | null, by: 1 | -1): void {
  const rows = [...document.querySelectorAll<HTMLElement>("article[data-key]")];
  const row = focused ? rows[rows.indexOf(focused) + by] : rows.at(-1);
  row?.focus();
  row?.scrollIntoView({ block: "nearest" });
}

function isTyping(element: HTMLElement): boolean {
  return element.matches("input:not([type=radio]), textarea, select");
}
