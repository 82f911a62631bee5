import { expect, test } from "vitest";
import { type Comment, draftFields } from "#schema/comment";
import { makeId } from "#schema/id";
import type { OutgoingMessage } from "./outbox";
import { GROUP_GAP_MS, rowsOf } from "./timeline";

const NOON = new Date(2025, 10, 23, 12).getTime();
const DAY_MS = 24 * 60 * 60_000;

function comment(timestamp: number, more: Partial<Comment> = {}): Comment {
  return {
    id: makeId(timestamp, "0000000000"),
    timestamp,
    text: "hello",
    username: "ada",
    color: "#55c2f5",
    type: "human",
    botParams: {},
    ...more,
  };
}

function outgoing(more: Partial<OutgoingMessage> = {}): OutgoingMessage {
  return { nonce: "nonce-1", text: "hi", writtenAt: NOON, state: "sending", ...more };
}

const none = () => undefined;
const starts = (comments: Comment[]) =>
  rowsOf(comments, [], none).map(({ startsGroup, startsDay }) => ({ startsGroup, startsDay }));

const CONTINUES = { startsGroup: false, startsDay: false };
const NEW_GROUP = { startsGroup: true, startsDay: false };
const NEW_DAY = { startsGroup: true, startsDay: true };

test.each([
  ["the same author soon after", comment(NOON + GROUP_GAP_MS), CONTINUES],
  ["the same author later", comment(NOON + GROUP_GAP_MS + 1), NEW_GROUP],
  ["another name", comment(NOON + 1, { username: "bob" }), NEW_GROUP],
  ["the same name in another colour", comment(NOON + 1, { color: "#ff8a8a" }), NEW_GROUP],
  ["a bot of that name", comment(NOON + 1, { type: "bot" }), NEW_GROUP],
  ["the next day", comment(NOON + DAY_MS), NEW_DAY],
])("grouping and day of a message from %s", (_, second, expected) => {
  expect(starts([comment(NOON), second])).toEqual([NEW_DAY, expected]);
});

test("two messages without a name share a header only if both are one's own", () => {
  const unnamed = (at: number) =>
    comment(at, { username: "anonymous", id: makeId(at, "0000000000") });
  const comments = [unnamed(NOON), unnamed(NOON + 1), unnamed(NOON + 2)];
  const own = new Set([comments[1]?.id, comments[2]?.id]);
  const nonceOf = (id: string) => (own.has(id) ? `nonce-${id}` : undefined);
  const last = outgoing({ color: "#55c2f5", writtenAt: NOON + 3 });
  expect(rowsOf(comments, [last], nonceOf).map(({ startsGroup }) => startsGroup)).toEqual([
    true,
    true,
    false,
    false,
  ]);
  expect(rowsOf(comments, [], none).every(({ startsGroup }) => startsGroup)).toBe(true);
});

test("messages just before and after midnight belong to different days", () => {
  const midnight = new Date(2025, 10, 24).getTime();
  expect(starts([comment(midnight - 60_000), comment(midnight + 60_000)])[1]).toEqual(NEW_DAY);
});

test("outgoing messages come last, shown as the wall will show them", () => {
  const rows = rowsOf([comment(NOON)], [outgoing()], none);
  expect(rows.map(({ key }) => key)).toEqual([comment(NOON).id, "nonce-1"]);
  expect(rows[1]?.message).toMatchObject({ text: "hi", username: "anonymous", type: "human" });
});

test("a slow clock does not move one's own message into the past", () => {
  const late = outgoing({ username: "ada", color: "#55c2f5", writtenAt: NOON - DAY_MS });
  expect(rowsOf([comment(NOON)], [late], none)[1]).toMatchObject(CONTINUES);
});

test("a row keeps its key when it is confirmed", () => {
  const confirmed = comment(NOON, { nonce: "nonce-1" });
  const nonceOf = (id: string) => (id === confirmed.id ? "nonce-1" : undefined);
  const [before] = rowsOf([], [outgoing()], none);
  const [after] = rowsOf([confirmed], [], nonceOf);
  expect(after?.key).toBe(before?.key);
});

test("a message on its way shows every field of its draft", () => {
  const draft = Object.fromEntries(Object.keys(draftFields).map((field) => [field, `a ${field}`]));
  expect(rowsOf([], [outgoing(draft)], none)[0]?.message).toMatchObject(draft);
});
