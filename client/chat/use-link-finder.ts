import { useEffect, useSyncExternalStore } from "react";
import { Listeners } from "../browser/listeners";
import { type LinkFinder, mayHoldLink } from "./words";

const listeners = new Listeners();
let finder: LinkFinder | undefined;
let asked = false;

/** What finds links, once it is needed and has been loaded: not every wall has links. */
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
      // Offline, perhaps: the next text with a link asks again.
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
