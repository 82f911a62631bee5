import { useSyncExternalStore } from "react";
import { PAGE_POLL_INTERVAL_MS } from "#schema/limits";
import { restoreWall } from "../wall/kept-wall";
import type { OutgoingMessage } from "../wall/outbox";
import { pageWall } from "../wall/page-wall";
import type { WallSnapshot } from "../wall/wall-store";

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

/** The wall's content. `useUpkeep` keeps it up to date. */
export function useWall(): WallContent {
  const snapshot = useSyncExternalStore(store.subscribe, store.snapshot, () => UNREAD);
  const outgoing = useSyncExternalStore(outbox.subscribe, outbox.snapshot, () => NONE);
  const failing = useSyncExternalStore(pageWall.onConnection, pageWall.isFailing, () => false);
  return { ...snapshot, outgoing, failing };
}

/**
 * The page's first poll. It continues from the stored visit, starts before hydration, and runs
 * whether or not this tab gets the poll lease.
 */
const first = typeof document === "undefined" ? null : begin();
let isFirstRunning = first !== null;
/** When the first poll ended, by this browser's clock; a hidden page makes none. */
let firstEndedAt = Number.NEGATIVE_INFINITY;
first
  ?.finally(() => {
    isFirstRunning = false;
  })
  .catch(() => {
    // The page's own polls show the error.
  });

async function begin(): Promise<void> {
  await restoreWall(store);
  if (document.visibilityState !== "visible") return;
  try {
    await pageWall.poll();
  } finally {
    firstEndedAt = Date.now();
  }
}

/** Polls once; joins the first poll while that is running. */
export function poll(): Promise<void> {
  return first && isFirstRunning ? first : pageWall.poll();
}

/** The result of the first poll while a regular one would not be due yet; otherwise polls once. */
export function firstPoll(): Promise<void> {
  const isRecent = Date.now() - firstEndedAt < PAGE_POLL_INTERVAL_MS;
  return first && isRecent ? first : poll();
}
