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
  /** Sent from this page. */
  isOwn: boolean;
  startsGroup: boolean;
  startsDay: boolean;
}

/** Rows for `comments`, oldest first; `previous` is the comment before the first. */
export function rowsOf(
  comments: readonly Comment[],
  outgoing: readonly OutgoingMessage[],
  nonceOf: Outbox["nonceOf"],
  previous?: Comment,
): Row[] {
  const rows: Row[] = [];
  let before: Said | undefined = previous && {
    message: previous,
    isOwn: nonceOf(previous.id) !== undefined,
  };
  for (const comment of comments) {
    const nonce = nonceOf(comment.id);
    const isOwn = nonce !== undefined;
    const row = { key: nonce ?? comment.id, message: comment, isOwn, id: comment.id };
    rows.push({ ...row, ...startsAfter(before, row) });
    before = row;
  }
  for (const outgoingMessage of outgoing) {
    const message = shownOf(outgoingMessage, before?.message.timestamp);
    const row = { key: outgoingMessage.nonce, message, isOwn: true, outgoing: outgoingMessage };
    rows.push({ ...row, ...startsAfter(before, row) });
    before = row;
  }
  return rows;
}

type Said = Pick<Row, "message" | "isOwn">;

function startsAfter(previous: Said | undefined, next: Said) {
  const startsDay = !previous || !isSameDay(previous.message.timestamp, next.message.timestamp);
  return { startsGroup: startsDay || !isSameGroup(previous, next), startsDay };
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

/**
 * Nothing in a comment tells two strangers without a name apart, and colours repeat, so unnamed
 * messages share a header only if both are the reader's own.
 */
function isSameGroup(before: Said, next: Said): boolean {
  const [a, b] = [before.message, next.message];
  return (
    a.username === b.username &&
    a.color === b.color &&
    a.type === b.type &&
    b.replyTo === undefined &&
    b.timestamp - a.timestamp <= GROUP_GAP_MS &&
    (a.username !== ANONYMOUS || (before.isOwn && next.isOwn))
  );
}

/** The day of the last question, in the reader's time zone. Neighbours mostly share it. */
let day = { startMs: 0, endMs: 0 };

function isSameDay(a: number, b: number): boolean {
  if (a < day.startMs || a >= day.endMs) {
    const start = new Date(a);
    start.setHours(0, 0, 0, 0);
    const end = new Date(start);
    end.setDate(end.getDate() + 1);
    day = { startMs: start.getTime(), endMs: end.getTime() };
  }
  return b >= day.startMs && b < day.endMs;
}
