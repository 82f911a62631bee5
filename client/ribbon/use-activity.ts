import { useEffect, useState } from "react";
import type { Activity } from "#schema/status";
import { readStatus } from "../status/api";

/** Pages hold the messages of the time since the last read: only a long visit needs the counts again. */
const READ_INTERVAL_MS = 60 * 60_000;

/** The wall's own counts of the day, read once an hour while visible; `null` until then, and without them. */
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
          // Loaded messages show without it; the next read may have them.
          if (!isOver) setKnown((before) => ({ activity: null, ...before, readAt: Date.now() }));
        },
      );
    const age = known ? Date.now() - known.readAt : READ_INTERVAL_MS;
    const timer = setTimeout(read, Math.max(0, READ_INTERVAL_MS - age));
    return () => {
      isOver = true;
      clearTimeout(timer);
    };
  }, [isVisible, known]);

  return known?.activity ?? null;
}
