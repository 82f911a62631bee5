import { useEffect, useSyncExternalStore } from "react";
import { LazyValue } from "../browser/lazy-value";
import { type LinkFinder, mayHoldLink } from "./words";

const finder = new LazyValue(async () => (await import("./link-finder")).findLinks);

/** The link finder, loaded when the first text needs it: many walls have no links. */
export function useLinkFinder(text: string): LinkFinder | undefined {
  const isNeeded = mayHoldLink(text);
  useEffect(() => {
    if (isNeeded) finder.load();
  }, [isNeeded]);
  const loaded = useSyncExternalStore(finder.subscribe, finder.current, none);
  return isNeeded ? loaded : undefined;
}

function none(): undefined {
  return undefined;
}
