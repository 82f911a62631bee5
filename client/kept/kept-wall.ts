/**
 * Stores the newest messages in this browser, so that a return visit shows them at once, even
 * offline.
 */
import { get, set } from "idb-keyval";
import { WINDOW_SIZE } from "#schema/limits";
import type { KeptWall, WallStore } from "../wall/wall-store";

/** Several walls may be served from one origin, as they are locally. */
const KEY = `wall:${process.env.WALL}`;

/** Limit for reading the browser's storage, which must not delay the wall. */
const PATIENCE_MS = 500;

/** Delay between a change and storing it, so that a busy wall is not written at each poll. */
const KEEP_AFTER_MS = 1_500;

/** Parses a stored wall; `null` if it doesn't fit. */
type Parse = (stored: unknown) => KeptWall | null;

/**
 * Fills the store from the last visit. `loadParse` is called if anything is stored. Resolves when that is done, failed or takes too long; data
 * that arrives later still fills a wall that has not loaded.
 */
export async function restoreWall(
  store: WallStore,
  loadParse: () => Promise<Parse>,
): Promise<void> {
  const patience = new Promise<void>((resolve) => setTimeout(resolve, PATIENCE_MS));
  await Promise.race([fill(store, loadParse), patience]);
}

async function fill(store: WallStore, loadParse: () => Promise<Parse>): Promise<void> {
  try {
    const stored: unknown = await get(KEY);
    if (stored === undefined) return;
    const parse = await loadParse();
    const kept = parse(stored);
    if (kept) store.restore(kept);
  } catch {
    // Blocked, as in some private windows, or damaged: read everything from the wall instead.
  }
}

/** Stores the wall now and after each change. Returns a function that stops storing. */
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
