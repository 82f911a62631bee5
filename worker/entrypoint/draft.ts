/** Turns a draft or an imported message into a comment, and checks which fields the sender's role may set. */
import { colorOf } from "#schema/color";
import type { CleanDraft, NewComment, StoredComment } from "#schema/comment";
import { timestampOf } from "#schema/id";
import { ANONYMOUS, CLOCK_SKEW_MS, PRIORITY_MAX_PUBLIC } from "#schema/limits";
import type { ImportedComment } from "#schema/move";
import { type Refusal, refusal } from "#schema/problem";
import { unauthorized } from "./refusals";
import type { Role } from "./tokens";

/** A comment with its fields in the schema's order. New optional fields of the draft are copied as they are. */
export function makeComment(draft: CleanDraft, id: string): NewComment {
  const {
    text,
    username = ANONYMOUS,
    color = colorOf(username),
    type = "human",
    botParams,
    ...rest
  } = draft;
  const processed = botParams?.processed ?? (type === "human" ? false : undefined);
  return {
    id,
    timestamp: timestampOf(id),
    text,
    username,
    color,
    type,
    ...rest,
    botParams: { ...botParams, ...(processed !== undefined && { processed }) },
  };
}

/**
 * An imported comment, built as a post of the same fields would build it. A person's message without a processed
 * flag counts as processed, so that no bot answers old messages.
 */
export function importedComment({ id, timestamp: _, ...draft }: ImportedComment): StoredComment {
  const { type = "human", botParams } = draft;
  const processed = botParams?.processed ?? (type === "human" ? true : undefined);
  const flags = { ...botParams, ...(processed !== undefined && { processed }) };
  return { ...makeComment({ ...draft, botParams: flags }, id), sequence: 0 };
}

/** A refusal if some of these comments or removed ids are in the future at `now`, in ms; else `null`. */
export function importDenial(
  comments: readonly ImportedComment[],
  removed: readonly string[],
  now: number,
): Refusal | null {
  const errorIn = (timestamp: number, pointer: string) =>
    timestamp > now + CLOCK_SKEW_MS ? [{ pointer, detail: "must not be in the future" }] : [];
  const errors = [
    ...comments.flatMap(({ timestamp }, n) => errorIn(timestamp, `/comments/${n}/timestamp`)),
    ...removed.flatMap((id, n) => errorIn(timestampOf(id), `/removed/${n}`)),
  ];
  if (errors.length === 0) return null;
  return refusal("invalid_field", "Imported comments must not be in the future.", { errors });
}

/** A refusal if the draft has a field that only a bot may send, and the sender is not a bot; else `null`. */
export function denial({ type, botParams }: CleanDraft, role: Role | "anyone"): Refusal | null {
  if (role === "bot") return null;
  const needs =
    (type === "bot" && 'type "bot"') ||
    (botParams?.processed && "processed: true") ||
    ((botParams?.priority ?? 0) > PRIORITY_MAX_PUBLIC && `a priority over ${PRIORITY_MAX_PUBLIC}`);
  if (!needs) return null;
  return role === "anyone"
    ? unauthorized(`A bot token is needed for ${needs}.`)
    : refusal("forbidden", `This token does not allow ${needs}.`);
}
