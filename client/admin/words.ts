/** What the admin page says of deeds, and of those that failed. */
import type { AuditEntry, Deed } from "#schema/moderation";
import { ApiError } from "../api/request";

const DEEDS: Record<Deed, string> = {
  remove: "Removed",
  remove_sender: "Removed all by the sender",
  pause: "Paused posting",
  unpause: "Opened posting again",
};

export function deedWords({ deed, target }: AuditEntry): string {
  return target === undefined ? DEEDS[deed] : `${DEEDS[deed]} ${target}`;
}

export function refusalWords(failure: unknown): string {
  if (!(failure instanceof ApiError) || failure.status === 0)
    return "The wall could not be reached. Try again.";
  if (failure.status === 401) return "This is not the admin token.";
  if (failure.status === 403) return "This token is not the admin's.";
  return failure.message;
}
