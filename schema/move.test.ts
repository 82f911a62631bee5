import { describe, expect, test } from "vitest";
import { validate } from "./check/validate";
import { ImportSchema } from "./move";

const COMMENT = {
  id: "1767225600000-0123456789",
  timestamp: 1_767_225_600_000,
  text: "hi",
  username: "ada",
  color: "#aabbcc",
  type: "human",
  replyTo: "1767225500000-0123456789",
  nonce: "a-nonce-of-its-own",
  botParams: { entity: "echo", priority: 99, processed: false },
};

const validated = (...comments: unknown[]) => validate(ImportSchema, { comments });

function pointers(comment: object): string[] {
  const result = validated({ ...COMMENT, ...comment });
  return result.ok ? [] : (result.problem.errors ?? []).map(({ pointer }) => pointer);
}

test("a comment from a GET can be imported", () => {
  expect(validated(COMMENT)).toEqual({ ok: true, value: { comments: [COMMENT] } });
});

test("its claim is dropped", () => {
  const claim = { claimedBy: "a bot", claimedUntil: 1_767_225_700_000 };
  const claimed = { ...COMMENT, botParams: { ...COMMENT.botParams, ...claim } };
  expect(validated(claimed)).toEqual({ ok: true, value: { comments: [COMMENT] } });
});

describe("an import follows the rules of a post", () => {
  test.each<[object, string[]]>([
    [{ text: "x".repeat(900_000) }, ["text"]],
    [{ text: "x".repeat(1_001) }, ["text"]],
    [{ text: "\u200b \u2060" }, ["text"]],
    [{ text: 5 }, ["text"]],
    [{ text: undefined }, ["text"]],
    [{ username: "x".repeat(17) }, ["username"]],
    [{ username: "" }, ["username"]],
    [{ color: "red" }, ["color"]],
    [{ color: "#aabbccdd" }, ["color"]],
    [{ type: "AI" }, ["type"]],
    [{ replyTo: "x".repeat(24) }, ["replyTo"]],
    [{ nonce: "x".repeat(65) }, ["nonce"]],
    [{ botParams: { entity: "x".repeat(65) } }, ["botParams/entity"]],
    [{ botParams: { priority: 100 } }, ["botParams/priority"]],
    [{ botParams: { priority: -1 } }, ["botParams/priority"]],
    [{ botParams: { processed: 1 } }, ["botParams/processed"]],
    [{ botParams: { claimedBy: "x".repeat(65) } }, ["botParams/claimedBy"]],
    [{ botParams: { claimedUntil: 0.5 } }, ["botParams/claimedUntil"]],
    [{ botParams: "x" }, ["botParams"]],
    [{ secret: "x" }, ["secret"]],
    [{ botParams: { colour: "x" } }, ["botParams/colour"]],
    [{ id: "1767225600000-short" }, ["id"]],
    [{ id: `1767225600000-${"x".repeat(900_000)}` }, ["id"]],
    [{ timestamp: 1_767_225_600_001 }, ["timestamp"]],
    [{ timestamp: "1767225600000" }, ["timestamp"]],
    // In seconds; and before there were chats.
    [{ id: "0001767225600-0123456789", timestamp: 1_767_225_600 }, ["timestamp"]],
    [{ id: "0946684799999-0123456789", timestamp: 946_684_799_999 }, ["timestamp"]],
    [{ id: "0946684800000-0123456789", timestamp: 946_684_800_000 }, []],
  ])("$#: exactly $1 are invalid", (fields, invalid) => {
    expect(pointers(fields)).toEqual(invalid.map((field) => `/comments/0/${field}`));
  });

  test("an imported comment is cleaned like a post", () => {
    const raw = { text: " e\u0301\u202e ", username: " a\n b ", color: "#ABCDEF" };
    const clean = { text: "é", username: "a b", color: "#abcdef" };
    expect(validated({ ...COMMENT, ...raw })).toEqual({
      ok: true,
      value: { comments: [{ ...COMMENT, ...clean }] },
    });
  });

  test("every invalid comment is named", () => {
    const result = validated(COMMENT, { ...COMMENT, text: "" }, 5, { ...COMMENT, color: "red" });
    expect(result).toMatchObject({
      problem: {
        errors: [
          { pointer: "/comments/1/text" },
          { pointer: "/comments/2" },
          { pointer: "/comments/3/color" },
        ],
      },
    });
  });
});
