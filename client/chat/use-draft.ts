import { type RefObject, useCallback, useEffect, useState } from "react";
import { sessionStore } from "../browser/storage";

const KEY = "saywhatwant:draft";

/** The text in `field`; it survives a reload of the tab. */
export function useDraft(
  field: RefObject<HTMLTextAreaElement | null>,
): [string, (text: string) => void] {
  const [text, setText] = useState("");
  // Text typed before hydration is only in the field, not in the state.
  useEffect(() => setText(field.current?.value || (sessionStore()?.getItem(KEY) ?? "")), [field]);
  const change = useCallback((next: string) => {
    setText(next);
    try {
      sessionStore()?.setItem(KEY, next);
    } catch {
      // Storage is full: the draft lasts until the page is closed.
    }
  }, []);
  return [text, change];
}
