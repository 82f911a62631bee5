/** Keeps unsent messages, with their nonces, across reloads of the tab. */

import { sessionStore } from "../browser/storage";
import type { Outbox } from "../wall/outbox";
import { parseOutbox } from "./stored-values";

const KEY = "saywhatwant:outbox";

/**
 * Restores the stored messages and stores every later change. Returns a function that stops
 * storing.
 */
export function keepOutbox(outbox: Outbox): () => void {
  const left = sessionStore()?.getItem(KEY);
  if (left) outbox.restore(parseOutbox(left));
  const keep = () => {
    try {
      sessionStore()?.setItem(KEY, JSON.stringify(outbox.snapshot()));
    } catch {
      // Storage is full: the messages last until the page is closed.
    }
  };
  // A message may have been written before this code was loaded.
  if (outbox.snapshot().length > 0) keep();
  return outbox.subscribe(keep);
}
