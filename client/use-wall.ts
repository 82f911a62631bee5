import { useEffect, useRef, useSyncExternalStore } from "react";
import { keepOutbox } from "./kept-outbox";
import { keepWall, restoreWall } from "./kept-wall";
import type { OutgoingMessage } from "./outbox";
import { pageWall } from "./page-wall";
import { usePoll } from "./use-poll";
import { usePollLease } from "./use-poll-lease";
import { useTabs } from "./use-tabs";
import type { WallSnapshot } from "./wall-store";

const { store, outbox } = pageWall;

export interface WallContent extends WallSnapshot {
  outgoing: readonly OutgoingMessage[];
  failing: boolean;
}

/** The wall and its poll. Call it once, at the top of the page. */
export function useWall(): WallContent {
  const snapshot = useSyncExternalStore(store.subscribe, store.snapshot, store.snapshot);
  const outgoing = useSyncExternalStore(outbox.subscribe, outbox.snapshot, outbox.snapshot);
  const failing = useSyncExternalStore(
    pageWall.onConnection,
    pageWall.isFailing,
    pageWall.isFailing,
  );
  const holdsLease = usePollLease();
  const pollNow = usePoll(poll, holdsLease);
  useTabs(holdsLease, pollNow);
  useEffect(() => keepWall(store), []);
  useEffect(() => keepOutbox(outbox), []);
  useEffect(() => {
    window.addEventListener("online", outbox.wake);
    return () => window.removeEventListener("online", outbox.wake);
  }, []);
  // A tab that has to wait for its turn asks once for itself.
  const isWaiting = useRef(true);
  isWaiting.current = !holdsLease;
  useEffect(() => {
    const askOnce = () => {
      const isVisible = document.visibilityState === "visible";
      if (isWaiting.current && isVisible) pageWall.poll().catch(() => {});
    };
    void restore().then(askOnce);
  }, []);
  return { ...snapshot, outgoing, failing };
}

let restored: Promise<void> | undefined;

function restore(): Promise<void> {
  restored ??= restoreWall(store);
  return restored;
}

/** The first poll goes on from what the last visit kept. */
async function poll(): Promise<void> {
  await restore();
  await pageWall.poll();
}
