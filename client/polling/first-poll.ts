/**
 * The page's first poll. It continues from the stored visit, starts before hydration, and runs
 * whether or not this tab gets the poll lease.
 */
import { PAGE_POLL_INTERVAL_MS } from "#schema/limits";
import { pageWall } from "../wall/page-wall";

let first: Promise<void> | null = null;
let isRunning = false;
/** When the first poll ended, by this browser's clock; a hidden page makes none. */
let endedAt = Number.NEGATIVE_INFINITY;

/** Makes the first poll once `restored` is resolved. Call it once, in the browser. */
export function startFirstPoll(restored: Promise<void>): void {
  isRunning = true;
  first = begin(restored).finally(() => {
    isRunning = false;
  });
  first.catch(() => {
    // The page's own polls show the error.
  });
}

async function begin(restored: Promise<void>): Promise<void> {
  await restored;
  if (document.visibilityState !== "visible") return;
  try {
    await pageWall.poll();
  } finally {
    endedAt = Date.now();
  }
}

/** Polls once; joins the first poll while that is running. */
export function poll(): Promise<void> {
  return first && isRunning ? first : pageWall.poll();
}

/** The result of the first poll while a regular one would not be due yet; otherwise polls once. */
export function firstPoll(): Promise<void> {
  const isRecent = Date.now() - endedAt < PAGE_POLL_INTERVAL_MS;
  return first && isRecent ? first : poll();
}
