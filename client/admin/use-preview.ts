import { useEffect, useState } from "react";
import type { RemovalPreview } from "#schema/moderation";
import type { AdminApi } from "./api";

/** The extent of a removal of this comment, or of its sender's messages; `null` until counted. */
export function useRemovalPreview(
  api: AdminApi,
  id: string,
): { preview: RemovalPreview | null; hasFailed: boolean } {
  const [preview, setPreview] = useState<RemovalPreview | null>(null);
  const [hasFailed, setFailed] = useState(false);
  useEffect(() => {
    api.preview(id).then(setPreview, () => setFailed(true));
  }, [api, id]);
  return { preview, hasFailed };
}
