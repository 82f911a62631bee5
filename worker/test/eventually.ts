import { vi } from "vitest";

/** The platform's alarms take seconds, and a busy machine several times as long. */
const EVENTUALLY_MS = 15_000;

/** Waits until `check` throws no more, and returns its result. */
export function eventually<T>(check: () => T | Promise<T>): Promise<T> {
  return vi.waitFor(check, { timeout: EVENTUALLY_MS });
}
