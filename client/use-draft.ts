import { useCallback, useEffect, useState } from "react";
import { sessionStore } from "./storage";

const KEY = "saywhatwant:draft";

/** What is being written: it survives a reload of its tab. */
export function useDraft(): [string, (text: string) => void] {
  const [text, setText] = useState("");
  useEffect(() => setText((typed) => typed || (sessionStore()?.getItem(KEY) ?? "")), []);
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
