/** The texts and retry times of refusals. */
import type { Comment } from "#schema/comment";
import { BLOCKS_MAX, OWN_REMOVAL_MS, RATE_LIMIT_PERIOD_S } from "#schema/limits";
import type { SenderBlock, Undone } from "#schema/moderation";
import { type Outcome, type Refusal, refusal, success } from "#schema/problem";
import type {
  BlockAnswer,
  Claimed,
  NotFound,
  OwnRemoved,
  Reported,
  UndoAnswer,
} from "../contract/answers";

export const SENDER_UNKNOWN =
  "The sender is unknown: the message came with a token, is over a week old, or has just arrived. Remove it by itself.";

/** `Retry-After` of a post refused by a pause. */
const PAUSE_RETRY_S = 10;

/** `isYoung`: whether the id is unsettled by the entrypoint's clock. The clock of either place may be wrong. */
export function outcomeOf(found: Claimed, isYoung: boolean): Outcome<Comment> {
  if (found.state === "found") return success(found.comment);
  if (found.state === "taken") return refusal("conflict", "Another bot has claimed this comment.");
  if (found.state === "processed") return refusal("conflict", "This comment is already processed.");
  if (found.state === "busy") return unavailable("Too many changes at once. Try again.");
  return refusalOf(found, isYoung);
}

/** See `outcomeOf`. */
export function outcomeOfRemoval(removed: OwnRemoved, isYoung: boolean): Outcome<null> {
  if (removed.state === "removed") return success(null);
  if (removed.state === "wrong")
    return refusal("forbidden", "This secret does not belong to the message.");
  if (removed.state === "late")
    return refusal(
      "forbidden",
      `A message can be taken down for ${OWN_REMOVAL_MS / 60_000} minutes only.`,
    );
  return refusalOf(removed, isYoung);
}

export function outcomeOfUndo(answer: UndoAnswer): Outcome<Undone> {
  if (answer.state === "over")
    return refusal(
      "not_found",
      "There is nothing to undo: a removal can be undone for 10 minutes.",
    );
  if (answer.state === "removing")
    return refusal("conflict", "This removal is still running. Undo it once it is done.");
  const { restored, done } = answer;
  return success({ restored, done });
}

/** See `outcomeOf`. */
export function outcomeOfReport(reported: Reported, isYoung: boolean): Outcome<null> {
  return reported.state === "reported" ? success(null) : refusalOf(reported, isYoung);
}

export function notFound(): Refusal {
  return refusal("not_found", "There is no comment with this id.");
}

function refusalOf({ state }: NotFound, isYoung: boolean): Refusal {
  if (state === "gone" || (state === "absent" && !isYoung)) return notFound();
  return unavailable(
    "There is no comment with this id yet. A new one may still be on its way: try again.",
  );
}

export function unauthorized(detail = "A valid bearer token is needed."): Refusal {
  return refusal("unauthorized", detail);
}

export function rateLimited(detail: string): Refusal {
  return refusal("rate_limited", detail, { retryAfterSeconds: RATE_LIMIT_PERIOD_S });
}

/** `until` in ms. */
export function blocked(until: number): Refusal {
  // To the minute, rounded up.
  const time = new Date(Math.ceil(until / 60_000) * 60_000).toISOString();
  const words = `${time.slice(0, 10)} ${time.slice(11, 16)} UTC`;
  return refusal("blocked", `An admin has blocked posts from your network until ${words}.`);
}

export function outcomeOfBlock(answer: BlockAnswer): Outcome<SenderBlock> {
  if (answer.state === "unknown") return refusal("not_found", SENDER_UNKNOWN);
  if (answer.state === "full")
    return refusal("conflict", `${BLOCKS_MAX} senders are blocked already. End one block first.`);
  return success(answer.block);
}

export function postingPaused(): Refusal {
  const detail = "Posting is paused by an admin. Send it again later.";
  return refusal("posting_paused", detail, { retryAfterSeconds: PAUSE_RETRY_S });
}

export function unavailable(detail: string): Refusal {
  return refusal("unavailable", detail, { retryAfterSeconds: 1 });
}
