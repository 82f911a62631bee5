import { useCallback, useEffect, useState } from "react";
import type { ReportedComment } from "#schema/moderation";
import type { AdminApi } from "./api";

/** The reported messages, reread after each action; none until loaded. A failure shows the last ones. */
export function useReports(api: AdminApi) {
  const [reported, setReported] = useState<readonly ReportedComment[]>([]);
  const reread = useCallback(async () => {
    try {
      setReported(await api.reported());
    } catch {
      // The audit log's request fails for the same reason, and shows it.
    }
  }, [api]);
  useEffect(() => void reread(), [reread]);
  return { reported, reread };
}
