import { useSyncExternalStore } from "react";
import { presence } from "./page-presence";
import type { Present } from "./presence";

/** Bots and browsers that are here, as far as this page knows. */
export function usePresent(): Present {
  return useSyncExternalStore(presence.subscribe, presence.snapshot, presence.snapshot);
}
