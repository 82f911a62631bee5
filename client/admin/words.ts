/** Texts for admin actions and their errors. */
import type { AuditAction, AuditEntry, RemovedOfSender, SenderPreview } from "#schema/moderation";
import { ApiError } from "../api/request";

const ACTIONS: Record<AuditAction, string> = {
  remove: "Removed",
  remove_sender: "Removed all messages of the sender",
  undo: "Undid the removal of",
  dismiss: "Dismissed reports of",
  pause: "Paused posting",
  unpause: "Resumed posting",
  block: "Blocked the sender",
  unblock: "Ended the block of the sender",
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

/** "1 message", "3 messages". */
export function counted(count: number, one: string, many: string): string {
  return `${count} ${count === 1 ? one : many}`;
}

/** The result of the removal of a sender's messages. */
export function senderWords({ removed, replies = 0, done }: RemovedOfSender): string {
  const more = replies > 0 ? ` and ${counted(replies, "bot reply", "bot replies")}` : "";
  return done === false
    ? `Messages removed from this sender so far: ${removed}${more}. The rest are being removed in the background.`
    : `Messages removed from this sender: ${removed}${more}.`;
}

/** How many messages a sender sent, and under how many names. */
export function previewWords({ messages, isAll, nameCount, names }: SenderPreview): string {
  const count = `${isAll ? "" : "At least "}${counted(messages, "message", "messages")} from this address that day`;
  const others = nameCount - names.length;
  const all = others > 0 ? [...names, `${others} more`] : names;
  return `${count}, under ${counted(nameCount, "name", "names")}: ${all.join(", ")}.`;
}

/** The time left for an undo, in minutes. The wall's clock may be ahead of this one. */
export function leftWords(until: number, now: number): string {
  const minutes = Math.round((until - now) / 60_000);
  return minutes < 1 ? "less than a minute left" : `${minutes} min left`;
}
