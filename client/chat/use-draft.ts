import { type RefObject, useCallback, useEffect, useState } from "react";
import { sessionStore } from "../browser/storage";

const KEY = "saywhatwant:draft";

/** What is being written in `field`: it survives a reload of its tab. */
export function useDraft(
  field: RefObject<HTMLTextAreaElement | null>,
): [string, (text: string) => void] {
  const [text, setText] = useState("");
  // What was typed before the page had come to life stands in the field alone.
  useEffect(() => setText(field.current?.value || (sessionStore()?.getItem(KEY) ?? "")), [field]);
  const change = useCallback((next: string) => {
    setText(next);
    try {
      sessionStore()?.setItem(KEY, next);
    } catch {
      // Full: the draft lasts as long as the page.
    }
  }, []);
  return [text, change];
}
