import { useCallback, useEffect, useState } from "react";
import { isId } from "#schema/id";

/** Puts a message's permalink into the address bar; `null` takes it away. */
export function setLink(id: string | null): void {
  const { pathname, search } = location;
  history.replaceState(history.state, "", pathname + search + (id ? `#${id}` : ""));
}

/** The message that the page's address links to. */
export function linkedId(): string | undefined {
  const id = globalThis.location?.hash.slice(1);
  return id && isId(id) ? id : undefined;
}

/** Most linked messages load within this time; after it the newest messages are shown meanwhile. */
const LEAD_MAX_MS = 3_000;

/**
 * Whether the log waits for the linked message, so that a reader doesn't see the newest messages first;
 * and a function to call once the link was followed.
 */
export function useLead(): [boolean, () => void] {
  // The server knows no link. It renders no messages either, so hydration finds no difference.
  const [isLeading, setLeading] = useState(() => linkedId() !== undefined);
  const end = useCallback(() => setLeading(false), []);
  useEffect(() => {
    const timer = setTimeout(end, LEAD_MAX_MS);
    return () => clearTimeout(timer);
  }, [end]);
  return [isLeading, end];
}
