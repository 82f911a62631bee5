import { useEffect, useState } from "react";
import { ACTIVITY_SLOT_MS } from "#schema/limits";
import type { Activity } from "#schema/status";
import { readStatus } from "../status/api";

/** The wall's own counts of the day, read once for each slot while visible; `null` until then, and without them. */
export function useActivity(isVisible: boolean): Activity | null {
  const [known, setKnown] = useState<{ activity: Activity | null; readAt: number } | null>(null);

  useEffect(() => {
    if (!isVisible) return;
    let isOver = false;
    const read = () =>
      readStatus().then(
        ({ activity }) => {
          if (!isOver) setKnown({ activity: activity ?? null, readAt: Date.now() });
        },
        () => {
          // Loaded messages show without it; the next slot tries again.
          if (!isOver) setKnown((before) => ({ activity: null, ...before, readAt: Date.now() }));
        },
      );
    const age = known ? Date.now() - known.readAt : ACTIVITY_SLOT_MS;
    const timer = setTimeout(read, Math.max(0, ACTIVITY_SLOT_MS - age));
    return () => {
      isOver = true;
      clearTimeout(timer);
    };
  }, [isVisible, known]);

  return known?.activity ?? null;
}
