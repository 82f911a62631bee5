/** The messages that bots are answering. Rows show them; the rest of the presence is loaded later. */
import { Listeners } from "../browser/listeners";
import type { Present } from "./presence";

const listeners = new Listeners();
const NONE: Present["answering"] = new Map();
let current = NONE;

export const answering = {
  subscribe: listeners.subscribe,
  snapshot: () => current,
  /** The page was prerendered without any. */
  serverSnapshot: () => NONE,
  set: (next: Present["answering"]): void => {
    if (next === current) return;
    current = next;
    listeners.notify();
  },
};
