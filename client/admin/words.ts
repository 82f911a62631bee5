/** Texts for admin actions and their errors. */
import type { AuditEntry, Deed } from "#schema/moderation";
import { ApiError } from "../api/request";

const DEEDS: Record<Deed, string> = {
  remove: "Removed",
  remove_sender: "Removed all messages of the sender",
  pause: "Paused posting",
  unpause: "Resumed posting",
};

export function deedWords({ deed, target }: AuditEntry): string {
  return target === undefined ? DEEDS[deed] : `${DEEDS[deed]} ${target}`;
}

export function refusalWords(failure: unknown): string {
  if (!(failure instanceof ApiError) || failure.status === 0)
    return "Couldn't reach the wall. Try again.";
  if (failure.status === 401) return "Wrong admin token.";
  if (failure.status === 403) return "This token is not an admin token.";
  return failure.message;
}
