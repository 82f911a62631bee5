/** What is written but not sent survives a reload of its tab, nonces included. */

import { sessionStore } from "../browser/storage";
import type { Outbox } from "./outbox";

const KEY = "saywhatwant:outbox";

/** Goes on with what was left, and keeps what is left from now on. Returns what ends that. */
export function keepOutbox(outbox: Outbox): () => void {
  const left = sessionStore()?.getItem(KEY);
  if (left) outbox.restore(JSON.parse(left));
  return outbox.subscribe(() => {
    try {
      sessionStore()?.setItem(KEY, JSON.stringify(outbox.snapshot()));
    } catch {
      // Full: the messages last as long as the page.
    }
  });
}
