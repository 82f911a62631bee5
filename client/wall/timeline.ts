/** Turns comments and outgoing messages into rows. */
import type { Comment } from "#schema/comment";
import { ANONYMOUS } from "#schema/limits";
import { draftOf, type Outbox, type OutgoingMessage } from "./outbox";

/** Messages of one author within this time of each other share one header. */
export const GROUP_GAP_MS = 5 * 60_000;

/** The shown fields of a message, sent or not. */
export type Shown = Omit<Comment, "id" | "nonce" | "botParams">;

export interface Row {
  /** The same before and after a message is confirmed, so that its row stays in place. */
  key: string;
  message: Shown;
  /** Present once the message is sent. */
  id?: string;
  /** Present until the message is sent. */
  outgoing?: OutgoingMessage;
  startsGroup: boolean;
  startsDay: boolean;
}

/** Rows for `comments`, oldest first; `previous` is the comment before the first. */
export function rowsOf(
  comments: readonly Comment[],
  outgoing: readonly OutgoingMessage[],
  nonceOf: Outbox["nonceOf"],
  previous?: Shown,
): Row[] {
  const rows: Row[] = [];
  let before = previous;
  for (const comment of comments) {
    rows.push({
      ...rowAfter(before, nonceOf(comment.id) ?? comment.id, comment),
      id: comment.id,
    });
    before = comment;
  }
  for (const message of outgoing) {
    const row = rowAfter(before, message.nonce, shownOf(message, before?.timestamp));
    rows.push({ ...row, outgoing: message });
    before = row.message;
  }
  return rows;
}

function rowAfter(previous: Shown | undefined, key: string, message: Shown): Row {
  const startsDay = !previous || !isSameDay(previous.timestamp, message.timestamp);
  const startsGroup = startsDay || !isSameGroup(previous, message);
  return { key, message, startsGroup, startsDay };
}

/**
 * The message comes last, so it must not appear older than the row above it, whatever our clock
 * says.
 */
function shownOf(message: OutgoingMessage, after = 0): Shown {
  const timestamp = Math.max(message.writtenAt, after);
  // Without a colour of its own, the message gets the one that the wall derives, once the wall has it.
  return { username: ANONYMOUS, color: "", type: "human", ...draftOf(message), timestamp };
}

function isSameGroup(a: Shown, b: Shown): boolean {
  return (
    a.username === b.username &&
    a.color === b.color &&
    a.type === b.type &&
    b.replyTo === undefined &&
    b.timestamp - a.timestamp <= GROUP_GAP_MS
  );
}

function isSameDay(a: number, b: number): boolean {
  return new Date(a).toDateString() === new Date(b).toDateString();
}
