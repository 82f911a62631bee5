/** Within this a KV write that failed, or whose sender ended, may yet take effect, over a newer one. */
export const LATE_PUT_MS = 2 * 60_000;
