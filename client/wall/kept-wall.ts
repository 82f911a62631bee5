/** The newest messages, kept in this browser, so that a return visit paints at once, offline too. */
import { get, set } from "idb-keyval";
import { WINDOW_SIZE } from "#schema/limits";
import type { KeptWall, WallStore } from "./wall-store";

/** Walls of other names may be served from the same address (locally they are). */
const KEY = `wall:${process.env.WALL}`;

/** A browser whose storage does not answer must not keep the wall waiting. */
const PATIENCE_MS = 500;

/** Kept this long after a change: a busy wall is not written at each poll. */
const KEEP_AFTER_MS = 1_500;

/**
 * Fills the store from the last visit. Resolves when that is done, or can't be, or takes too long: what
 * comes later still fills a wall that has not been loaded.
 */
export async function restoreWall(store: WallStore): Promise<void> {
  const patience = new Promise<void>((resolve) => setTimeout(resolve, PATIENCE_MS));
  await Promise.race([fill(store), patience]);
}

async function fill(store: WallStore): Promise<void> {
  try {
    const kept = await get<KeptWall>(KEY);
    if (kept) store.restore(kept);
  } catch {
    // Forbidden, as in some private windows, or damaged: the wall itself has everything.
  }
}

/** Keeps what the store holds, now and from now on. Returns what ends that. */
export function keepWall(store: WallStore): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const keep = () => {
    timer = undefined;
    const kept = store.keep(WINDOW_SIZE);
    if (kept) set(KEY, kept).catch(() => {});
  };
  const keepSoon = () => {
    timer ??= setTimeout(keep, KEEP_AFTER_MS);
  };
  const end = store.subscribe(keepSoon);
  keepSoon();
  return () => {
    clearTimeout(timer);
    end();
  };
}
