/** A message on its way to becoming a comment: what it may ask for, and what it becomes. */
import { colorOf } from "#schema/color";
import type { CleanDraft, Comment, StoredComment } from "#schema/comment";
import { timestampOf } from "#schema/id";
import { ANONYMOUS, PRIORITY_MAX_PUBLIC } from "#schema/limits";
import type { ImportedComment } from "#schema/move";
import { type Refusal, refusal } from "#schema/problem";
import { unauthorized } from "./refusals";
import type { Role } from "./tokens";

/** A comment, its fields in the schema's order; a new optional field of the draft passes through. */
export function makeComment(draft: CleanDraft, id: string): Comment {
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
 * A comment of an import, as a post of the same fields would have made it. A message that does not say
 * whether it was processed counts as processed: no bot shall answer what is past.
 */
export function importedComment({ id, timestamp: _, ...draft }: ImportedComment): StoredComment {
  const { type = "human", botParams } = draft;
  const processed = botParams?.processed ?? (type === "human" ? true : undefined);
  const flags = { ...botParams, ...(processed !== undefined && { processed }) };
  return { ...makeComment({ ...draft, botParams: flags }, id), sequence: 0 };
}

/** What in a draft only a bot may send, when the sender is none. */
export function denial({ type, botParams }: CleanDraft, role: Role | "anyone"): Refusal | null {
  if (role === "bot") return null;
  const needs =
    (type === "bot" && 'type "bot"') ||
    (botParams?.processed && "processed: true") ||
    ((botParams?.priority ?? 0) > PRIORITY_MAX_PUBLIC && `a priority over ${PRIORITY_MAX_PUBLIC}`);
  if (!needs) return null;
  return role === "anyone"
    ? unauthorized(`For ${needs} a bot token is needed.`)
    : refusal("forbidden", `This token does not allow ${needs}.`);
}
