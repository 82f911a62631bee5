import { useEffect } from "react";

const WORKER_URL = "/sw.js";
const PAGE_PATH = "/";

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
    // Which of it all is to be kept the worker knows.
    const observer = new PerformanceObserver((list) => {
      const known = paths.size;
      for (const { name } of list.getEntries()) paths.add(new URL(name).pathname);
      if (paths.size > known) active?.postMessage({ keep: [...paths] });
    });
    observer.observe({ type: "resource", buffered: true });
  } catch {
    // Refused or out of reach: the page works without.
  }
}
