import { useEffect, useState } from "react";
import { ACTIVITY_SLOT_MS } from "#schema/limits";
import type { Activity } from "#schema/status";
import { readStatus } from "../status/api";

/** Pages hold the messages of the time since the last read: only a long visit needs the counts again. */
const READ_INTERVAL_MS = 60 * 60_000;

/** The wall's own counts of the day, read once an hour while visible, and sooner after a failure; `null` until then, and without them. */
export function useActivity(isVisible: boolean): Activity | null {
  const [known, setKnown] = useState<{ activity: Activity | null; nextAt: number } | null>(null);

  useEffect(() => {
    if (!isVisible) return;
    let isOver = false;
    const read = () =>
      readStatus().then(
        ({ activity }) => {
          if (!isOver)
            setKnown({ activity: activity ?? null, nextAt: Date.now() + READ_INTERVAL_MS });
        },
        () => {
          // Loaded messages show without it.
          const nextAt = Date.now() + ACTIVITY_SLOT_MS;
          if (!isOver) setKnown((before) => ({ activity: before?.activity ?? null, nextAt }));
        },
      );
    const timer = setTimeout(read, known ? Math.max(0, known.nextAt - Date.now()) : 0);
    return () => {
      isOver = true;
      clearTimeout(timer);
    };
  }, [isVisible, known]);

  return known?.activity ?? null;
}
