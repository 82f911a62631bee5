/**
 * Keeps the page's wall up to date and stored. Loaded after the first paint: the first poll needs
 * none of it.
 */
import { useEffect, useSyncExternalStore } from "react";
import { useOfflineShell } from "../browser/use-offline-shell";
import { useTitle } from "../browser/use-title";
import { useChime } from "../chat/use-chime";
import { keepOutbox } from "../kept/kept-outbox";
import { keepWall } from "../kept/kept-wall";
import { presence } from "../talk/page-presence";
import { pageWall } from "../wall/page-wall";
import { firstPoll, poll } from "./first-poll";
import { useLive } from "./use-live";
import { usePoll } from "./use-poll";
import { usePollLease } from "./use-poll-lease";
import { useTabs } from "./use-tabs";

export { parseKeptWall } from "../kept/stored-values";

const { store, outbox } = pageWall;

/** How often a hidden tab polls, so that its title can count unread messages, without the channel. */
const HIDDEN_POLL_INTERVAL_MS = 60_000;

/** By then the channel has told which bots are here, or there is none. */
const ASK_FOR_BOTS_AFTER_MS = 10_000;

/** SWR polls as soon as it is mounted, which may be right after the page's first poll. */
let hasPolled = false;

function pollAgain(): Promise<void> {
  if (hasPolled) return poll();
  hasPolled = true;
  return firstPoll();
}

interface UpkeepProps {
  /** Number of unread messages. */
  unread: number;
  /** Whether the tab is visible. */
  isVisible: boolean;
}

/**
 * Polls, listens, stores the wall, and tells of unread messages in title and sound. Shows nothing in the page; its
 * attribute is this tab's part in polling.
 */
export function Upkeep({ unread, isVisible }: UpkeepProps) {
  const { loaded } = useSyncExternalStore(store.subscribe, store.snapshot, store.snapshot);
  const lease = usePollLease();
  const holdsLease = lease === "polls";
  const pollNow = usePoll(pollAgain, holdsLease);
  useTabs(holdsLease, pollNow);
  useLive(lease !== "none" && loaded);
  useEffect(() => {
    if (lease !== "keeps") return;
    // Makes no request while the live channel vouches. It may fail like any poll.
    const timer = setInterval(() => void poll().catch(() => {}), HIDDEN_POLL_INTERVAL_MS);
    return () => clearInterval(timer);
  }, [lease]);
  useEffect(() => {
    if (lease !== "polls") return;
    const timer = setTimeout(() => void presence.ask(), ASK_FOR_BOTS_AFTER_MS);
    return () => clearTimeout(timer);
  }, [lease]);
  useOfflineShell();
  useTitle(unread, isVisible);
  useChime(unread);
  useEffect(() => keepWall(store), []);
  useEffect(() => keepOutbox(outbox), []);
  useEffect(() => {
    window.addEventListener("online", outbox.wake);
    return () => window.removeEventListener("online", outbox.wake);
  }, []);
  return <span hidden data-testid="upkeep" data-lease={lease} />;
}
