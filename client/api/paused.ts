import { ApiError } from "./request";

/** Whether an admin has paused posting. */
export function isPaused(failure: unknown): boolean {
  return failure instanceof ApiError && failure.problem?.code === "posting_paused";
}
