import { useCallback, useEffect, useState } from "react";
import type { Moderation } from "#schema/moderation";
import type { AdminApi } from "./api";

/** Interval for reading the progress of a long removal or undo. */
const REMOVING_REREAD_MS = 2_000;

/** Pause state and audit log, reread after each action; `null` until loaded. */
export function useModeration(api: AdminApi): {
  moderation: Moderation | null;
  failure: unknown;
  reread: () => Promise<void>;
} {
  const [moderation, setModeration] = useState<Moderation | null>(null);
  const [failure, setFailure] = useState<unknown>();
  const reread = useCallback(async () => {
    try {
      setModeration(await api.moderation());
      setFailure(undefined);
    } catch (error) {
      setFailure(error);
    }
  }, [api]);
  useEffect(() => void reread(), [reread]);
  useEffect(() => {
    if (!moderation?.removing && !moderation?.undo?.some(({ isUndoing }) => isUndoing)) return;
    const timer = setTimeout(reread, REMOVING_REREAD_MS);
    return () => clearTimeout(timer);
  }, [moderation, reread]);
  return { moderation, failure, reread };
}
