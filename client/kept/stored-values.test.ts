import fc from "fast-check";
import { expect, test } from "vitest";
import { parseHeard, parseKeptWall, parseOutbox } from "./stored-values";

const COMMENT = {
  id: "1700000000000-0000000000",
  timestamp: 1_700_000_000_000,
  text: "kept",
  username: "ada",
  color: "#55c2f5",
  type: "human",
  botParams: { processed: false },
};
const KEPT = { cursor: "aaaaaaaa.1", comments: [COMMENT], holes: [[COMMENT.id, COMMENT.id]] };
const READ = { comments: [COMMENT], removed: [], cursor: "aaaaaaaa.1", rebuiltAt: 1, gap: false };
const ANSWER = {
  kind: "answer",
  asked: {},
  answer: { read: READ, rebuiltAt: 1, etag: null, answeredAt: null },
};
const ANSWERING = { id: COMMENT.id, name: "ada", until: 1 };
const OUTGOING = { text: "hello", nonce: "nonce-0001", writtenAt: 1, state: "failed", failure: {} };

/** `value` with one of its parts, at any depth, replaced by another JSON value or left out. */
function damaged(value: unknown): fc.Arbitrary<unknown> {
  const paths: (string | number)[][] = [];
  const visit = (part: unknown, path: (string | number)[]) => {
    paths.push(path);
    if (typeof part === "object" && part !== null)
      for (const [key, inner] of Object.entries(part)) visit(inner, [...path, key]);
  };
  visit(value, []);
  return fc
    .tuple(fc.constantFrom(...paths), fc.oneof(fc.jsonValue(), fc.constant(undefined)))
    .map(([path, other]) => replaced(value, path, other));
}

function replaced(value: unknown, [key, ...rest]: (string | number)[], other: unknown): unknown {
  if (key === undefined) return other;
  const copy = structuredClone(value) as Record<string | number, unknown>;
  copy[key] = replaced(copy[key], rest, other);
  return copy;
}

/** Does with a comment what a row does; throws if it is unfit. */
function render(comment: { timestamp: number; text: string; username: string; color: string }) {
  new Date(comment.timestamp).toISOString();
  return [comment.text.length, comment.username.length, comment.color.slice(1)];
}

test("values as this release stores and sends them are kept", () => {
  expect(parseKeptWall(KEPT)).toEqual(KEPT);
  expect(parseHeard(ANSWER)).toEqual(ANSWER);
  expect(parseHeard({ kind: "failure" })).toEqual({ kind: "failure" });
  expect(parseHeard({ kind: "confirmed", comment: COMMENT })).toMatchObject({ comment: COMMENT });
  for (const hint of [{ here: 2 }, { bots: ["ada"] }, { answering: ANSWERING }, null])
    expect(parseHeard({ kind: "hint", hint })).toEqual({ kind: "hint", hint });
  expect(parseOutbox(JSON.stringify([OUTGOING]))).toEqual([
    { text: "hello", nonce: "nonce-0001", writtenAt: 1, state: "sending" },
  ]);
});

test("a value of any other shape is dropped, or can be shown", () => {
  fc.assert(
    fc.property(damaged(KEPT), (stored) => {
      parseKeptWall(stored)?.comments.map(render);
    }),
  );
  fc.assert(
    fc.property(damaged(ANSWER), (data) => {
      const heard = parseHeard(data);
      if (heard?.kind === "answer") heard.answer.read?.comments.map(render);
    }),
  );
  fc.assert(
    fc.property(damaged([OUTGOING]), (stored) => {
      for (const { text, writtenAt } of parseOutbox(JSON.stringify(stored) ?? ""))
        render({ timestamp: writtenAt, text, username: "", color: "" });
    }),
  );
});

test("a message of another release's tab is ignored", () => {
  for (const data of [null, undefined, 7, "answer", {}, { kind: "later" }, { kind: "answer" }])
    expect(parseHeard(data)).toBeNull();
});

test("one unfit message leaves the other unsent ones", () => {
  const stored = JSON.stringify([{ text: 7 }, OUTGOING, null]);
  expect(parseOutbox(stored).map(({ text }) => text)).toEqual(["hello"]);
});
