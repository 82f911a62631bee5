import { useEffect, useState } from "react";

const LOCK_NAME = "saywhatwant:poll";

/**
 * Whether this tab polls for all tabs of this browser: the visible tab that holds the lock. Hiding
 * it releases the lock. In insecure contexts, which have no locks, each visible tab polls for
 * itself.
 */
export function usePollLease(): boolean {
  const [holds, setHolds] = useState(false);

  useEffect(() => {
    let asking: AbortController | null = null;

    const ask = () => {
      if (asking) return;
      const asked = new AbortController();
      asking = asked;
      if (!navigator.locks) return setHolds(true);
      const { signal } = asked;
      navigator.locks
        .request(LOCK_NAME, { signal }, () => {
          setHolds(true);
          return new Promise<void>((release) => signal.addEventListener("abort", () => release()));
        })
        // Aborted while waiting for the lock.
        .catch(() => {});
    };
    const giveUp = () => {
      asking?.abort();
      asking = null;
      setHolds(false);
    };
    const follow = () => (document.visibilityState === "visible" ? ask() : giveUp());

    follow();
    document.addEventListener("visibilitychange", follow);
    // A page that holds a lock can't enter the back/forward cache.
    window.addEventListener("pagehide", giveUp);
    window.addEventListener("pageshow", follow);
    return () => {
      document.removeEventListener("visibilitychange", follow);
      window.removeEventListener("pagehide", giveUp);
      window.removeEventListener("pageshow", follow);
      giveUp();
    };
  }, []);

  return holds;
}
