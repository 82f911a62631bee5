import { useEffect, useSyncExternalStore } from "react";
import { Listeners } from "../browser/listeners";
import type { Finder } from "./fold";

const listeners = new Listeners();
let makeFinder: ((query: string) => Finder) | undefined;
let asked = false;
let latest: { query: string; finder: Finder } | undefined;

/**
 * The finder for a query, the same object while the query stays. It is loaded with the first search; until
 * then, and without a query, it is `undefined`.
 */
export function useFinder(query: string): Finder | undefined {
  const isNeeded = query.trim() !== "";
  useEffect(() => {
    if (isNeeded) load();
  }, [isNeeded]);
  return useSyncExternalStore(
    listeners.subscribe,
    () => (isNeeded ? finderFor(query) : undefined),
    none,
  );
}

function load(): void {
  if (asked) return;
  asked = true;
  import("./fold").then(
    ({ finderOf }) => {
      makeFinder = finderOf;
      listeners.notify();
    },
    () => {
      // Probably offline: the next search tries again.
      asked = false;
    },
  );
}

function finderFor(query: string): Finder | undefined {
  if (latest?.query !== query && makeFinder) latest = { query, finder: makeFinder(query) };
  return latest?.query === query ? latest.finder : undefined;
}

function none(): undefined {
  return undefined;
}
