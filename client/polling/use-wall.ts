import { useEffect, useSyncExternalStore } from "react";
import { keepOutbox } from "../wall/kept-outbox";
import { keepWall, restoreWall } from "../wall/kept-wall";
import type { OutgoingMessage } from "../wall/outbox";
import { pageWall } from "../wall/page-wall";
import type { WallSnapshot } from "../wall/wall-store";
import { useLive } from "./use-live";
import { usePoll } from "./use-poll";
import { usePollLease } from "./use-poll-lease";
import { useTabs } from "./use-tabs";

const { store, outbox } = pageWall;

/**
 * The snapshots that the page was prerendered with. The wall may have answered before hydration.
 */
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
  const lease = usePollLease();
  const holdsLease = lease === "polls";
  const pollNow = usePoll(poll, holdsLease);
  useTabs(holdsLease, pollNow);
  useLive(lease !== "none" && snapshot.loaded);
  useEffect(() => keepWall(store), []);
  useEffect(() => keepOutbox(outbox), []);
  useEffect(() => {
    window.addEventListener("online", outbox.wake);
    return () => window.removeEventListener("online", outbox.wake);
  }, []);
  return { ...snapshot, outgoing, failing };
}

/**
 * The first poll while it is running. It continues from the stored visit, starts before hydration,
 * and runs whether or not this tab gets the poll lease.
 */
let first: Promise<void> | null = null;
if (typeof document !== "undefined") {
  first = begin().finally(() => {
    first = null;
  });
  first.catch(() => {
    // The page's own polls show the error.
  });
}

async function begin(): Promise<void> {
  await restoreWall(store);
  if (document.visibilityState === "visible") await pageWall.poll();
}

/** Polls once; joins the first poll while that is running. */
export function poll(): Promise<void> {
  return first ?? pageWall.poll();
}
