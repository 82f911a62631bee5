/** What to tell a person whose message was not sent. */
import { ApiError } from "./request";

export function failureWords(failure: unknown): string {
  if (!(failure instanceof ApiError) || failure.status === 0) {
    return "Not sent: the wall could not be reached.";
  }
  if (failure.status === 429) return "Not sent: too many messages at once. Wait a moment.";
  if (failure.status >= 500) return "Not sent: the wall is not taking messages right now.";
  const details = failure.problem?.errors?.map(
    ({ pointer, detail }) => `${pointer.slice(1)} ${detail}`,
  );
  return `Not sent: ${details?.join(", ") ?? failure.message}.`;
}

/** The same for one that is sent again by itself, in so many seconds; `null` until there is a network. */
export function waitingWords(failure: unknown, seconds: number | null): string {
  if (seconds === null) return "Waiting for the network. It goes out by itself.";
  const isTooMany = failure instanceof ApiError && failure.status === 429;
  const why = isTooMany
    ? "Too many messages at once."
    : "The wall is not taking messages right now.";
  return `${why} Sends again in ${seconds} s.`;
}
