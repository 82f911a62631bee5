/** Loaded after the page, which works without it. */

const WORKER_URL = "/sw.js";
const PAGE_PATH = "/";

/** Registers the service worker, and lists for it the assets that this page uses. */
export async function keepShell(): Promise<void> {
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
