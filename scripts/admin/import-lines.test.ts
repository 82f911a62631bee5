import { describe, expect, test } from "vitest";
import { commentsIn } from "./import-lines.mjs";

const COMMENT = {
  id: "1700000000001-0000000001",
  timestamp: 1_700_000_000_001,
  text: "Hello",
  username: "ada",
  color: "#aabbcc",
  type: "human",
  botParams: { processed: false },
};
const lines = (...values: unknown[]) => values.map((value) => JSON.stringify(value)).join("\n");

test("an export's lines are taken as they are, newest first, each once", () => {
  const older = { ...COMMENT, id: "1600000000000-0000000001", timestamp: 1_600_000_000_000 };
  expect(commentsIn(`${lines(older, COMMENT, older)}\n\n`)).toEqual([COMMENT, older]);
});

describe("the older key layout", () => {
  const value = { id: "m-17", text: "from before", timestamp: 1_650_000_000_123, username: "bob" };
  const key = "comment:1650000000123:m-17";
  const wanted = {
    id: expect.stringMatching(/^1650000000123-[0-9a-z]{10}$/),
    timestamp: 1_650_000_000_123,
    text: "from before",
    username: "bob",
    color: "#808080",
    type: "human",
    botParams: { processed: true },
  };

  test.each([
    ["key and value", { key, value }],
    ["key and value as text", { key, value: JSON.stringify(value) }],
    ["the value alone", value],
  ])("is taken as %s, under the same id each time", (_name, line) => {
    const [comment] = commentsIn(lines(line));
    expect(comment).toEqual(wanted);
    expect(commentsIn(lines({ key, value }))[0]?.id).toBe(comment?.id);
  });

  test("flags and bots stay what they were", () => {
    const open = { ...value, botParams: { processed: false }, color: "#FF0000" };
    expect(commentsIn(lines(open))[0]).toMatchObject({
      color: "#ff0000",
      botParams: { processed: false },
    });
    const bot = { ...value, "message-type": "AI" };
    expect(commentsIn(lines(bot))[0]).toMatchObject({ type: "bot", botParams: {} });
  });
});

test.each([
  ["{", "Line 2 is not a JSON object."],
  ["[]", "Line 2 is not a JSON object."],
  ['{"key":"comment:1:x"}', "Line 2 holds no comment: there is no text in it."],
  ['{"text":"when?"}', "Line 2 has neither a key like comment:<timestamp>:<id> nor"],
])("the line %s is refused by its number", (line, words) => {
  expect(() => commentsIn(`${lines(COMMENT)}\n${line}`)).toThrow(words);
});
