import { useCallback, useEffect, useRef, useState } from "react";

/** Loading starts this far before the marker scrolls into view. */
const MARGIN = "800px 0px";

interface HoleMarkerProps {
  id: string;
  /** Loads by itself when it comes near the view. */
  isEager: boolean;
  /** The page holds as many messages as it can. */
  full: boolean;
  /** `isBelow`: the marker is in the lower half of the view, so the reader comes from above. */
  onReach: (id: string, isBelow: boolean) => Promise<void>;
}

/** Marks missing messages and loads them as the reader comes near, from either side. */
export function HoleMarker({ id, isEager, full, onReach }: HoleMarkerProps) {
  const [state, setState] = useState<"idle" | "loading" | "failed">("idle");
  const [pages, setPages] = useState(0);
  const element = useRef<HTMLDivElement>(null);

  const reach = useCallback(async () => {
    setState("loading");
    try {
      await onReach(id, isBelowMiddle(element.current));
      setState("idle");
      setPages((count) => count + 1);
    } catch {
      setState("failed");
    }
  }, [id, onReach]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: after a page, the marker may still be near.
  useEffect(() => {
    const marker = element.current;
    if (!isEager || full || !marker) return;
    const observer = new IntersectionObserver(
      (entries) => {
        if (entries.some((entry) => entry.isIntersecting)) void reach();
      },
      { root: marker.closest("main"), rootMargin: MARGIN },
    );
    observer.observe(marker);
    return () => observer.disconnect();
  }, [isEager, full, reach, pages]);

  if (full) return <p className="hole-marker">This page can't load any more messages.</p>;
  return (
    <div ref={element} className="hole-marker" data-testid="hole">
      {state === "loading" ? (
        "Loading older messages…"
      ) : (
        <button type="button" className="small-button" onClick={reach}>
          {state === "failed" ? "Couldn't load. Try again" : "Load older messages"}
        </button>
      )}
    </div>
  );
}

function isBelowMiddle(marker: HTMLElement | null): boolean {
  const view = marker?.closest("main")?.getBoundingClientRect();
  if (!marker || !view) return false;
  return marker.getBoundingClientRect().top > view.top + view.height / 2;
}
