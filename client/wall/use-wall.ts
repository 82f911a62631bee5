import { useEffect, useSyncExternalStore } from "react";
import { useTabs } from "../browser/use-tabs";
import { keepOutbox } from "./kept-outbox";
import { keepWall, restoreWall } from "./kept-wall";
import type { OutgoingMessage } from "./outbox";
import { pageWall } from "./page-wall";
import { usePoll } from "./use-poll";
import { usePollLease } from "./use-poll-lease";
import type { WallSnapshot } from "./wall-store";

const { store, outbox } = pageWall;

/** What the page was built with. The wall may have answered before a browser has taken it over. */
const UNREAD = store.snapshot();
const NONE = outbox.snapshot();

export interface WallContent extends WallSnapshot {
  outgoing: readonly OutgoingMessage[];
  failing: boolean;
}

/** The wall and its poll. Call it once, at the top of the page. */
export function useWall(): WallContent {
  const snapshot = useSyncExternalStore(store.subscribe, store.snapshot, () => UNREAD);
  const outgoing = useSyncExternalStore(outbox.subscribe, outbox.snapshot, () => NONE);
  const failing = useSyncExternalStore(pageWall.onConnection, pageWall.isFailing, () => false);
  const holdsLease = usePollLease();
  const pollNow = usePoll(poll, holdsLease);
  useTabs(holdsLease, pollNow);
  useEffect(() => keepWall(store), []);
  useEffect(() => keepOutbox(outbox), []);
  useEffect(() => {
    window.addEventListener("online", outbox.wake);
    return () => window.removeEventListener("online", outbox.wake);
  }, []);
  return { ...snapshot, outgoing, failing };
}

/**
 * The first poll, as long as it is under way. It goes on from what the last visit kept, begins before
 * there is a page to show it in, and is made whether or not this tab will have to wait for its turn.
 */
let first: Promise<void> | null = null;
if (typeof document !== "undefined") {
  first = begin().finally(() => {
    first = null;
  });
  first.catch(() => {
    // The page's own polls tell of it.
  });
}

async function begin(): Promise<void> {
  await restoreWall(store);
  if (document.visibilityState === "visible") await pageWall.poll();
}

/** One poll, which is the first while that is under way. */
export function poll(): Promise<void> {
  return first ?? pageWall.poll();
}
