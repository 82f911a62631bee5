/** Messages for a person whose message was not sent. */
import { isPaused } from "./paused";
import { ApiError } from "./request";

export function failureWords(failure: unknown): string {
  if (!(failure instanceof ApiError) || failure.status === 0) {
    return "Not sent: couldn't reach the wall. Sent as soon as it is back.";
  }
  if (failure.status === 429) return "Not sent: too many messages at once. Wait a moment.";
  if (isPaused(failure)) return `Not sent: ${PAUSED.toLowerCase()}`;
  if (failure.status >= 500) return "Not sent: the wall is not accepting messages right now.";
  const details = failure.problem?.errors?.map(
    ({ pointer, detail }) => `${pointer.slice(1)} ${detail}`,
  );
  return `Not sent: ${(details?.join(", ") ?? failure.message).replace(/\.$/, "")}.`;
}

/**
 * The same for a message that is retried automatically in this many seconds; `null` while offline.
 */
export function waitingWords(failure: unknown, seconds: number | null): string {
  if (seconds === null) return "You're offline. The message will be sent when you're back online.";
  return `${whyWaiting(failure)} Retrying in ${seconds} s.`;
}

function whyWaiting(failure: unknown): string {
  if (isPaused(failure)) return PAUSED;
  if (failure instanceof ApiError && failure.status === 429) return "Too many messages at once.";
  return "The wall is not accepting messages right now.";
}

const PAUSED = "Posting is paused.";
