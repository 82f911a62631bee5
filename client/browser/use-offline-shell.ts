import { useEffect } from "react";

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
  // It doesn't load offline; the page works without it.
  const loaded = await import("./keep-shell").catch(() => null);
  await loaded?.keepShell();
}
