import { useEffect } from "react";

const WORKER_URL = "/sw.js";
const PAGE_PATH = "/";

/** Caches the page and its assets, so that a return visit works offline. */
export function useOfflineShell(): void {
  useEffect(() => {
    // In development, assets change without changing their names. Plain HTTP has no service
    // workers.
    if (process.env.NODE_ENV !== "production" || !("serviceWorker" in navigator)) return;
    // Wait until the page has loaded, so that caching doesn't compete with it.
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
    // The observer also reports assets that were still loading when the worker took control: they
    // bypassed the worker and are in no list yet. The worker decides which paths to keep.
    const observer = new PerformanceObserver((list) => {
      const known = paths.size;
      for (const { name } of list.getEntries()) paths.add(new URL(name).pathname);
      if (paths.size > known) active?.postMessage({ keep: [...paths] });
    });
    observer.observe({ type: "resource", buffered: true });
  } catch {
    // Blocked or offline: the page works without the worker.
  }
}
