import { useEffect, useState } from "react";

const LOCK_NAME = "saywhatwant:poll";
const TAKEN_NAME = "saywhatwant:lease";

/**
 * How long the last visible tab keeps the live channel, or polls once a minute without it, while all
 * tabs are hidden.
 */
export const KEEP_HIDDEN_MS = 30 * 60_000;

/**
 * `polls`: this tab polls for all tabs of this browser. `keeps`: it was the last to do so and is hidden;
 * it keeps the live channel, or polls rarely, so that its title can count unread messages.
 */
export type Lease = "polls" | "keeps" | "none";

/**
 * This tab's part among the tabs of this browser: the visible tab that holds the lock polls. Hiding it
 * releases the lock, and the next tab to hold it says so to the one that keeps the channel. In insecure
 * contexts, which have no locks, each visible tab polls for itself.
 */
export function usePollLease(): Lease {
  const [lease, setLease] = useState<Lease>("none");

  useEffect(() => {
    const tabs = new BroadcastChannel(TAKEN_NAME);
    let asking: AbortController | null = null;
    let current: Lease = "none";
    let timer: ReturnType<typeof setTimeout> | undefined;

    const become = (next: Lease) => {
      clearTimeout(timer);
      current = next;
      setLease(next);
      if (next === "polls") tabs.postMessage(null);
      if (next === "keeps") timer = setTimeout(() => become("none"), KEEP_HIDDEN_MS);
    };
    const ask = () => {
      if (asking) return;
      const asked = new AbortController();
      asking = asked;
      if (!navigator.locks) return become("polls");
      const { signal } = asked;
      navigator.locks
        .request(LOCK_NAME, { signal }, () => {
          if (signal.aborted) return;
          become("polls");
          return new Promise<void>((release) => signal.addEventListener("abort", () => release()));
        })
        // Aborted while waiting for the lock.
        .catch(() => {});
    };
    const release = () => {
      asking?.abort();
      asking = null;
    };
    const giveUp = () => {
      release();
      become("none");
    };
    const hide = () => {
      const canKeep = current !== "none" && Boolean(navigator.locks);
      release();
      become(canKeep ? "keeps" : "none");
    };
    const follow = () => (document.visibilityState === "visible" ? ask() : hide());

    tabs.onmessage = () => {
      if (current === "keeps") become("none");
    };
    follow();
    document.addEventListener("visibilitychange", follow);
    // A page that holds a lock or a socket can't enter the back/forward cache.
    window.addEventListener("pagehide", giveUp);
    window.addEventListener("pageshow", follow);
    return () => {
      document.removeEventListener("visibilitychange", follow);
      window.removeEventListener("pagehide", giveUp);
      window.removeEventListener("pageshow", follow);
      giveUp();
      tabs.close();
    };
  }, []);

  return lease;
}
