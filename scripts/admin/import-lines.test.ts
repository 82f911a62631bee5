import { describe, expect, test } from "vitest";
import { importLines, LINE_MAX_BYTES, type Line } from "./import-lines.mjs";

const COMMENT = {
  id: "1700000000001-0000000001",
  timestamp: 1_700_000_000_001,
  text: "Hello",
  username: "ada",
  color: "#aabbcc",
  type: "human",
  botParams: { processed: false },
};
const OTHER = { ...COMMENT, id: "1600000000000-0000000001", timestamp: 1_600_000_000_000 };
const jsonLines = (...values: unknown[]) => values.map((value) => JSON.stringify(value)).join("\n");

/** The lines of an input that arrives in chunks of this many bytes. */
async function linesIn(input: string | Uint8Array, pieceBytes = 1 << 20) {
  const bytes = typeof input === "string" ? new TextEncoder().encode(input) : input;
  async function* pieces() {
    for (let start = 0; start < bytes.length; start += pieceBytes)
      yield bytes.subarray(start, start + pieceBytes);
  }
  const lines: Line[] = [];
  for await (const line of importLines(pieces())) lines.push(line);
  return lines;
}
async function commentsIn(input: string | Uint8Array, pieceBytes?: number) {
  const lines = await linesIn(input, pieceBytes);
  return lines.map((line) => ("comment" in line ? line.comment : line));
}

test.each([1, 2, 3, 7, 1 << 20])(
  "an export's lines are read unchanged, in chunks of %i bytes",
  async (pieceBytes) => {
    const emoji = { ...COMMENT, text: "é 👩‍👩‍👧 می‌خواهم" };
    const input = `${jsonLines(COMMENT, emoji, OTHER)}\r\n\n  \n`;
    expect(await commentsIn(input, pieceBytes)).toEqual([COMMENT, emoji, OTHER]);
    expect((await linesIn(`\n\n${input}`)).map(({ number }) => number)).toEqual([3, 4, 5]);
  },
);

test("the last line needs no line break", async () => {
  expect(await commentsIn(jsonLines(COMMENT, OTHER))).toEqual([COMMENT, OTHER]);
});

test("a byte order mark before a line is accepted, even in joined files", async () => {
  const marked = `\ufeff${jsonLines(COMMENT)}\n`;
  expect(await commentsIn(marked + marked)).toEqual([COMMENT, COMMENT]);
  expect(await commentsIn(`\ufeff\n${jsonLines(COMMENT)}`)).toEqual([COMMENT]);
});

test.each([
  [
    "npm",
    `\n> saywhatwant@0.1.0 export\n> exec node scripts/export.mjs\n\n${jsonLines(COMMENT)}\n`,
  ],
  [
    "npm, including standard error",
    `npm warn Unknown env config "x".\n\n> saywhatwant@0.1.0 export\n> exec node scripts/export.mjs --url https://example.com\n\nWall main at https://example.com\n${jsonLines(COMMENT)}\n1 comments, 0 removals\n1 comments\nnpm notice\nnpm notice New major version of npm available! 10.9.2 -> 11.6.0\n`,
  ],
])("the lines that %s prints around an export are skipped", async (_name, input) => {
  expect(await commentsIn(input)).toEqual([COMMENT]);
});

test.each([
  ["Latin-1", [0x63, 0x61, 0x66, 0xe9]],
  ["a surrogate", [0xed, 0xa0, 0x80]],
  ["an overlong slash", [0xc0, 0xaf]],
  ["a character cut off", [0xf0, 0x9f, 0x98]],
])("%s makes only its own line invalid", async (_name, bytes) => {
  const [before, behind] = jsonLines({ ...COMMENT, text: "|" }).split("|") as [string, string];
  const text = new TextEncoder();
  const line = [...text.encode(`\n${before}`), ...bytes, ...text.encode(`${behind}\n`)];
  const input = [...text.encode(jsonLines(COMMENT)), ...line, ...text.encode(jsonLines(OTHER))];
  expect(await commentsIn(Uint8Array.from(input), 5)).toEqual([
    COMMENT,
    { number: 2, wrong: "is not UTF-8" },
    OTHER,
  ]);
});

test("a line that is too long is invalid, and never held in memory", async () => {
  const long = jsonLines({ ...COMMENT, text: "x".repeat(LINE_MAX_BYTES) });
  const wrong = { number: 1, wrong: `is longer than ${LINE_MAX_BYTES} bytes` };
  for (const pieceBytes of [1_000, 1 << 20]) {
    expect(await commentsIn(`${long}\n${jsonLines(OTHER)}`, pieceBytes)).toEqual([wrong, OTHER]);
    expect(await commentsIn(long, pieceBytes)).toEqual([wrong]);
  }
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
  const modernOf = async (older: unknown) => (await commentsIn(jsonLines(older)))[0];

  test.each([
    ["key and value", { key, value }],
    ["key and value as text", { key, value: JSON.stringify(value) }],
    ["the value alone", value],
  ])("is read as %s, with the same id each time", async (_name, line) => {
    const comment = await modernOf(line);
    expect(comment).toEqual(wanted);
    expect(await modernOf({ key, value })).toEqual(comment);
  });

  test("flags and bots are preserved", async () => {
    const open = { ...value, botParams: { processed: false }, color: "#FF0000" };
    expect(await modernOf(open)).toMatchObject({
      color: "#ff0000",
      botParams: { processed: false },
    });
    const bot = { ...value, "message-type": "AI" };
    expect(await modernOf(bot)).toMatchObject({ type: "bot", botParams: {} });
  });

  test("an older comment with an id of today's form is recognised", async () => {
    const older = { ...value, id: "1650000000123-0123456789", "message-type": "human" };
    expect(await modernOf(older)).toEqual(wanted);
  });

  test("a longer name is composed before it is cut", async () => {
    const name = "é".repeat(20);
    expect(await modernOf({ ...value, username: name.normalize("NFD") })).toMatchObject({
      username: "é".repeat(16),
    });
  });
});

test("headers and removals are told from comments", async () => {
  const header = { saywhatwant: "export", wall: "main", at: 1, cursor: "abcdefgh.1" };
  expect(await linesIn(jsonLines(header, { removed: OTHER.id }, { removed: 7 }, COMMENT))).toEqual([
    { number: 1, header },
    { number: 2, removed: OTHER.id },
    { number: 3, wrong: "has no comment's id to remove" },
    { number: 4, comment: COMMENT, bytes: expect.any(Number) },
  ]);
});

test.each([
  ["{", "is not a JSON object"],
  ["[]", "is not a JSON object"],
  ["<html>", "is not a JSON object"],
  [jsonLines(COMMENT).slice(0, -5), "is not a JSON object"],
  ['{"key":"comment:1:x"}', "has no comment: its text is missing"],
  ['{"text":"when?"}', "has neither a key like comment:<timestamp>:<id> nor an id and a timestamp"],
])(
  "the invalid line %s is reported by number, and the others are imported",
  async (line, wrong) => {
    expect(await commentsIn(`${jsonLines(COMMENT)}\n${line}\n${jsonLines(OTHER)}`)).toEqual([
      COMMENT,
      { number: 2, wrong },
      OTHER,
    ]);
  },
);
