import { useCallback, useEffect, useState } from "react";
import type { Moderation } from "#schema/moderation";
import type { AdminApi } from "./api";

/** How often to look how far a long removal has come. */
const REMOVING_REREAD_MS = 2_000;

/** What the wall's log of deeds says, read again after each deed; `null` until it is known. */
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
    if (!moderation?.removing) return;
    const timer = setTimeout(reread, REMOVING_REREAD_MS);
    return () => clearTimeout(timer);
  }, [moderation, reread]);
  return { moderation, failure, reread };
}
