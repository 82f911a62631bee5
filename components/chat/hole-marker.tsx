import { useCallback, useEffect, useRef, useState } from "react";

/** Loading starts this far before the marker scrolls into view. */
const MARGIN = "800px 0px";

interface HoleMarkerProps {
  id: string;
  /** Loads by itself when it comes near the view. */
  isEager: boolean;
  /** The page holds as many messages as it can. */
  full: boolean;
  onReach: (id: string) => Promise<void>;
}

/** Marks missing older messages and loads them as the reader comes near. */
export function HoleMarker({ id, isEager, full, onReach }: HoleMarkerProps) {
  const [state, setState] = useState<"idle" | "loading" | "failed">("idle");
  const element = useRef<HTMLDivElement>(null);

  const reach = useCallback(async () => {
    setState("loading");
    try {
      await onReach(id);
      setState("idle");
    } catch {
      setState("failed");
    }
  }, [id, onReach]);

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
  }, [isEager, full, reach]);

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
