import { useEffect, useSyncExternalStore } from "react";
import { LazyValue } from "../browser/lazy-value";
import type { Finder } from "./fold";

const maker = new LazyValue(async () => (await import("./fold")).finderOf);
let latest: { query: string; finder: Finder } | undefined;

/**
 * The finder for a query, the same object while the query stays. It is loaded with the first search; until
 * then, and without a query, it is `undefined`.
 */
export function useFinder(query: string): Finder | undefined {
  const isNeeded = query.trim() !== "";
  useEffect(() => {
    if (isNeeded) maker.load();
  }, [isNeeded]);
  return useSyncExternalStore(
    maker.subscribe,
    () => (isNeeded ? finderFor(query) : undefined),
    none,
  );
}

function finderFor(query: string): Finder | undefined {
  const makeFinder = maker.current();
  if (latest?.query !== query && makeFinder) latest = { query, finder: makeFinder(query) };
  return latest?.query === query ? latest.finder : undefined;
}

function none(): undefined {
  return undefined;
}
