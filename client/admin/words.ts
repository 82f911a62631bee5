/** Texts for admin actions and their errors. */
import type { AuditAction, AuditEntry } from "#schema/moderation";
import { ApiError } from "../api/request";

const ACTIONS: Record<AuditAction, string> = {
  remove: "Removed",
  remove_sender: "Removed all messages of the sender",
  dismiss: "Dismissed reports of",
  pause: "Paused posting",
  unpause: "Resumed posting",
};

export function actionWords({ deed, target }: AuditEntry): string {
  return target === undefined ? ACTIONS[deed] : `${ACTIONS[deed]} ${target}`;
}

export function refusalWords(failure: unknown): string {
  if (!(failure instanceof ApiError) || failure.status === 0)
    return "Couldn't reach the wall. Try again.";
  if (failure.status === 401) return "Wrong admin token.";
  if (failure.status === 403) return "This token is not an admin token.";
  return failure.message;
}
