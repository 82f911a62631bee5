import { useCallback, useEffect, useRef, useState } from "react";

/** Loading begins this far before a reader comes to it. */
const MARGIN = "800px 0px";

interface HoleMarkerProps {
  id: string;
  /** Loads without being asked when it comes near the view. */
  isEager: boolean;
  /** Nothing older can be held. */
  full: boolean;
  onReach: (id: string) => Promise<void>;
}

/** Where older messages are missing: they come when a reader comes near. */
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

  if (full)
    return <p className="hole-marker">This page holds no more. Older messages are further back.</p>;
  return (
    <div ref={element} className="hole-marker" data-testid="hole">
      {state === "loading" ? (
        "Loading older messages…"
      ) : (
        <button type="button" className="small-button" onClick={reach}>
          {state === "failed" ? "Could not load. Try again" : "Look further back"}
        </button>
      )}
    </div>
  );
}
