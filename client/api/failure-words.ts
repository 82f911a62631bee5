/** What to tell a person whose message was not sent. */
import { ApiError } from "./request";

export function failureWords(failure: unknown): string {
  if (!(failure instanceof ApiError) || failure.status === 0) {
    return "Not sent: the wall could not be reached.";
  }
  if (failure.status === 429) return "Not sent: too many messages at once. Wait a moment.";
  if (isPaused(failure)) return `Not sent: ${PAUSED.toLowerCase()}`;
  if (failure.status >= 500) return "Not sent: the wall is not taking messages right now.";
  const details = failure.problem?.errors?.map(
    ({ pointer, detail }) => `${pointer.slice(1)} ${detail}`,
  );
  return `Not sent: ${details?.join(", ") ?? failure.message}.`;
}

/** The same for one that is sent again by itself, in so many seconds; `null` until there is a network. */
export function waitingWords(failure: unknown, seconds: number | null): string {
  if (seconds === null) return "Waiting for the network. It goes out by itself.";
  return `${whyWaiting(failure)} Sends again in ${seconds} s.`;
}

function whyWaiting(failure: unknown): string {
  if (isPaused(failure)) return PAUSED;
  if (failure instanceof ApiError && failure.status === 429) return "Too many messages at once.";
  return "The wall is not taking messages right now.";
}

const PAUSED = "Posting is paused for now.";

function isPaused(failure: unknown): boolean {
  return failure instanceof ApiError && failure.problem?.code === "posting_paused";
}
