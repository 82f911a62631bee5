import { useSyncExternalStore } from "react";
import { restoreWall } from "../kept/kept-wall";
import { answering } from "../talk/answering";
import type { OutgoingMessage } from "../wall/outbox";
import { pageWall } from "../wall/page-wall";
import type { WallSnapshot } from "../wall/wall-store";
import { startFirstPoll } from "./first-poll";

const { store, outbox } = pageWall;

/**
 * The snapshots that the page was prerendered with, without messages. The wall may have answered before hydration.
 */
export const UNREAD = store.snapshot();
const NONE = outbox.snapshot();

export interface WallContent extends WallSnapshot {
  outgoing: readonly OutgoingMessage[];
  failing: boolean;
  /** Names of the bots that are answering, by the ids of the messages. */
  answering: ReadonlyMap<string, string>;
}

/** The wall's content. `Upkeep` keeps it up to date. */
export function useWall(): WallContent {
  const snapshot = useSyncExternalStore(store.subscribe, store.snapshot, () => UNREAD);
  const outgoing = useSyncExternalStore(outbox.subscribe, outbox.snapshot, () => NONE);
  const failing = useSyncExternalStore(pageWall.onConnection, pageWall.isFailing, () => false);
  const { subscribe, serverSnapshot } = answering;
  const answered = useSyncExternalStore(subscribe, answering.snapshot, serverSnapshot);
  return { ...snapshot, outgoing, failing, answering: answered };
}

/**
 * Loads what keeps the page up to date, and the schemas of stored values. A page without stored
 * values shows the wall without it.
 */
export const loadUpkeep = () => import("./upkeep");

if (typeof document !== "undefined") {
  startFirstPoll(restoreWall(store, async () => (await loadUpkeep()).parseKeptWall));
}
