/** A KV write that failed, or whose sender ended, may still overwrite a newer one within this time. */
export const LATE_PUT_MS = 2 * 60_000;
