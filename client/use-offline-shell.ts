import { useEffect } from "react";

const WORKER_URL = "/sw.js";
const PAGE_PATH = "/";
const ASSET_PREFIX = "/_next/static/";

/** Has the page and its assets kept, so that a return visit opens offline too. */
export function useOfflineShell(): void {
  useEffect(() => {
    // In development assets keep their names when they change. Plain HTTP has no service workers.
    if (process.env.NODE_ENV !== "production" || !("serviceWorker" in navigator)) return;
    // Only once the page is there: nothing is kept at the cost of what is looked at.
    if (document.readyState === "complete") void keepShell();
    else window.addEventListener("load", keepShell, { once: true });
    return () => window.removeEventListener("load", keepShell);
  }, []);
}

async function keepShell(): Promise<void> {
  try {
    await navigator.serviceWorker.register(WORKER_URL);
    const { active } = await navigator.serviceWorker.ready;
    const paths = new Set([PAGE_PATH]);
    // Also what was on its way when the worker took over: such a part is in no list yet, and passed the worker by.
    const observer = new PerformanceObserver((list) => {
      const found = assetPaths(list.getEntries()).filter((path) => !paths.has(path));
      if (found.length === 0) return;
      for (const path of found) paths.add(path);
      active?.postMessage({ keep: [...paths] });
    });
    observer.observe({ type: "resource", buffered: true });
  } catch {
    // Refused or out of reach: the page works without.
  }
}

function assetPaths(resources: PerformanceEntryList): string[] {
  return resources.flatMap(({ name }) => {
    const { origin, pathname } = new URL(name);
    return origin === window.location.origin && pathname.startsWith(ASSET_PREFIX) ? [pathname] : [];
  });
}
