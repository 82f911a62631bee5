import { useCallback, useEffect, useState } from "react";
import type { Moderation } from "#schema/moderation";
import type { AdminApi } from "./admin-api";

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
  return { moderation, failure, reread };
}
