import { useEffect, useSyncExternalStore } from "react";
import { Listeners } from "../browser/listeners";
import { type LinkFinder, mayHoldLink } from "./words";

const listeners = new Listeners();
let finder: LinkFinder | undefined;
let asked = false;

/** The link finder, loaded when the first text needs it: many walls have no links. */
export function useLinkFinder(text: string): LinkFinder | undefined {
  const isNeeded = mayHoldLink(text);
  useEffect(() => {
    if (isNeeded) load();
  }, [isNeeded]);
  const loaded = useSyncExternalStore(listeners.subscribe, current, none);
  return isNeeded ? loaded : undefined;
}

function load(): void {
  if (asked) return;
  asked = true;
  import("./link-finder").then(
    ({ findLinks }) => {
      finder = findLinks;
      listeners.notify();
    },
    () => {
      // Probably offline: the next text with a link tries again.
      asked = false;
    },
  );
}

function current(): LinkFinder | undefined {
  return finder;
}

function none(): undefined {
  return undefined;
}
