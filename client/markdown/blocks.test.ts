import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { TEXT_MAX_CHARACTERS } from "#schema/limits";
import { type Block, blocksOf, NESTING_MAX } from "./blocks";
import type { Inline } from "./inline";
import { mayHoldMarkdown } from "./may-hold";

/** The blocks as the page shows them, in a notation for this file: `b`, `i` and `c` are bold, italic and code. */
function shown(text: string): string {
  return blocksOf(text).map(blockWords).join(" ¶ ");
}

function blockWords(block: Block): string {
  switch (block.kind) {
    case "paragraph":
      return inlineWords(block.children);
    case "heading":
      return `h(${inlineWords(block.children)})`;
    case "code":
      return `pre${block.label && `[${block.label}]`}(${block.text})`;
    case "quote":
      return `q(${block.children.map(blockWords).join(" ¶ ")})`;
    case "list":
      return block.items
        .map(({ marker, children }) => `${marker}{${children.map(blockWords).join(" ¶ ")}}`)
        .join("");
  }
}

function inlineWords(inline: readonly Inline[]): string {
  return inline
    .map((piece) => {
      if (piece.kind === "text") return piece.text;
      if (piece.kind === "code") return `c(${piece.text})`;
      return `${piece.kind === "strong" ? "b" : "i"}(${inlineWords(piece.children)})`;
    })
    .join("");
}

const F = "```";

const SHOWN: readonly [what: string, text: string, expected: string][] = [
  // Inside a line.
  ["plain words", "just words", "just words"],
  ["bold", "a **b** c", "a b(b) c"],
  ["two underscores, as in names", "a __b__ c", "a __b__ c"],
  ["italic", "a *b* and _c_", "a i(b) and i(c)"],
  ["bold and italic", "***both***", "i(b(both))"],
  ["italic in bold", "**a *b* c**", "b(a i(b) c)"],
  ["bold in italic", "*a **b** c*", "i(a b(b) c)"],
  ["bold over two lines", "**a\nb**", "b(a\nb)"],
  ["code", "run `npm start` now", "run c(npm start) now"],
  ["code with marks in it", "`**a** _b_ \\*`", "c(**a** _b_ \\*)"],
  ["code with a backtick in it", "`` a ` b ``", "c(a ` b)"],
  ["code in bold", "**`a`**", "b(c(a))"],
  ["a fence's marks inside a line", "```a b``` c", "c(a b) c"],
  ["escaped marks", "\\*a\\* \\_b\\_ \\`c\\`", "*a* _b_ `c`"],
  ["a backslash before anything else", "C:\\new \\(x\\) \\\\", "C:\\new \\(x\\) \\\\"],
  // Marks that are none, or have no partner.
  ["an unclosed bold", "**a b", "**a b"],
  ["an unclosed italic before a closed one", "*a _b_ c", "*a i(b) c"],
  ["an unclosed code", "a `b c", "a `b c"],
  ["crossed marks", "*a _b* c_", "i(a _b) c_"],
  ["too many marks on one side", "**a*", "*i(a)"],
  ["a single mark does not close two", "a**b*c**", "ab(b*c)"],
  ["stars between spaces", "2 * 3 * 4 ** 5", "2 * 3 * 4 ** 5"],
  ["names with underscores", "snake_case_name __init__.py", "snake_case_name __init__.py"],
  ["only marks", "** __ * _ ****", "** __ * _ ****"],
  ["bold before a Chinese full stop's neighbour", "**重要。**下一句", "b(重要。)下一句"],
  ["the asterisk's emoji", "*\ufe0f\u20e3 a*\ufe0f\u20e3", "*\ufe0f\u20e3 a*\ufe0f\u20e3"],
  ["a file pattern", "src/**/*.ts", "src/**/*.ts"],
  // Links, which stay text for the link finder.
  ["an address with marks", "https://x.org/a_b_*c*_d*", "https://x.org/a_b_*c*_d*"],
  ["a bold address", "**https://x.org/a_b**", "b(https://x.org/a_b)"],
  ["a Markdown link", "[docs](https://x.org/a_b_c)", "[docs](https://x.org/a_b_c)"],
  ["a script as a link", "[x](javascript:alert(1))", "[x](javascript:alert(1))"],
  ["an image", "![x](https://x.org/a.png)", "![x](https://x.org/a.png)"],
  ["a definition", "[x]: https://x.org 'a'", "[x]: https://x.org 'a'"],
  ["an address in brackets", "<https://x.org>", "<https://x.org>"],
  // HTML and entities.
  ["a script element", "<script>alert(1)</script>", "<script>alert(1)</script>"],
  ["an element with a handler", "<img src=x onerror=*a*>", "<img src=x onerror=i(a)>"],
  ["entities", "&lt;b&gt; &amp; &#42;", "&lt;b&gt; &amp; &#42;"],
  ["an HTML comment around marks", "<!-- **a** -->", "<!-- b(a) -->"],
  // Blocks.
  ["paragraphs", "a\nb\n\n\nc", "a\nb ¶ c"],
  ["a heading", "## A *title*\nwords", "h(A i(title)) ¶ words"],
  ["a number sign that is no heading", "#1 of 2\n#tag", "#1 of 2\n#tag"],
  ["a heading about C#", "# C#", "h(C#)"],
  [
    "fenced code after a sentence",
    `Try:\n${F}js\na *b*\n\n  c\n${F}\nthen`,
    "Try: ¶ pre[js](a *b*\n\n  c) ¶ then",
  ],
  ["a fence of tildes", "~~~\na\n```\n~~~", "pre(a\n```)"],
  [
    "a longer fence around a shorter one",
    `${F}\`md\n${F}\na\n${F}\n${F}\``,
    `pre[md](${F}\na\n${F})`,
  ],
  ["an unclosed fence", `a\n${F}py\nx = *y*`, `a ¶ pre(${F}py\nx = *y*)`],
  ["an empty fence", `${F}\n${F}`, "pre()"],
  ["right-to-left words in code", `${F}\nשלום = "مرحبا"\n${F}`, 'pre(שלום = "مرحبا")'],
  ["a quote", "> a\n> *b*\nc", "q(a\ni(b)) ¶ c"],
  ["a quote in a quote", "> a\n> > b\n> c", "q(a ¶ q(b) ¶ c)"],
  ["arrows and faces", ">_< ->\n>>> print(1)\n>", ">_< ->\n>>> print(1) ¶ q()"],
  ["a list after a sentence", "Buy:\n- a\n- **b**", "Buy: ¶ -{a}-{b(b)}"],
  ["numbers as written", "3. a\n5. b\n1) c", "3.{a}5.{b} ¶ 1){c}"],
  ["a list in a list", "1. a\n   - b\n   - c\n2. d", "1.{a ¶ -{b}-{c}}2.{d}"],
  ["blank lines between items", "- a\n\n- b\n\nc", "-{a}-{b} ¶ c"],
  ["code in an item", `1. a\n   ${F}\n   x\n     y\n   ${F}\n2. b`, "1.{a ¶ pre(x\n  y)}2.{b}"],
  ["an item of two paragraphs", "- a\n\n  b", "-{a ¶ b}"],
  ["a list in a quote", "> - a\n> - b", "q(-{a}-{b})"],
  ["a sentence's line that begins with a number", "in the year\n1984. It", "in the year\n1984. It"],
  ["a year at the start", "1984. A novel", "1984.{A novel}"],
  ["dashes that are no list", "-a\n--b\n---\n-1 degree", "-a\n--b\n---\n-1 degree"],
  ["a table", "| a | b |\n|---|---|\n| 1 | 2 |", "| a | b |\n|---|---|\n| 1 | 2 |"],
  ["indented words", "    a\n  b", "    a\n  b"],
  // Long and deep.
  ["1,000 backticks", "`".repeat(1_000), `pre(${"`".repeat(1_000)})`],
  ["1,000 stars", "*".repeat(1_000), "*".repeat(1_000)],
  ["a very long line", "a".repeat(1_000), "a".repeat(1_000)],
  [
    "quotes deeper than are shown",
    `${"> ".repeat(20)}a`,
    `${"q(".repeat(NESTING_MAX)}${"> ".repeat(20 - NESTING_MAX)}a${")".repeat(NESTING_MAX)}`,
  ],
  [
    "lists deeper than are shown",
    `${"- ".repeat(12)}a`,
    `${"-{".repeat(NESTING_MAX)}${"- ".repeat(12 - NESTING_MAX)}a${"}".repeat(NESTING_MAX)}`,
  ],
  ["a list of 250 items", "- a\n".repeat(250), "-{a}".repeat(250)],
];

test.each(SHOWN)("shows %s", (_what, text, expected) => {
  expect(shown(text)).toBe(expected);
});

test("the check that spares the parser excludes no text that the parser changes", () => {
  for (const [, text] of SHOWN)
    if (!mayHoldMarkdown(text))
      expect(blocksOf(text).every(({ kind }) => kind === "paragraph")).toBe(true);
  expect(mayHoldMarkdown("plain words, a-b; 3.5 > 2 (#1)")).toBe(false);
});

/** The words that the reader sees, without marks. */
function wordsOf(blocks: readonly Block[]): string {
  return blocks
    .map((block) => {
      if (block.kind === "code") return block.label + block.text;
      if (block.kind === "quote") return wordsOf(block.children);
      if (block.kind === "list")
        return block.items.map(({ marker, children }) => marker + wordsOf(children)).join("");
      return inlineText(block.children);
    })
    .join("");
}

function inlineText(inline: readonly Inline[]): string {
  return inline
    .map((piece) => ("text" in piece ? piece.text : inlineText(piece.children)))
    .join("");
}

const pieces = fc.constantFrom(
  ..."*_`\\~>#-+ab. 1)\n".split(""),
  ...[
    "**",
    "```",
    "> ",
    "- ",
    "1. ",
    "  ",
    "\n\n",
    "https://a.b/_",
    "é",
    "。",
    "👍",
    "<b>",
    "\n```\n",
  ],
);
const texts = fc.array(pieces, { maxLength: 200 }).map((all) => all.join(""));

describe("in any text", () => {
  test("nothing disappears but marks and spaces, and nothing is added", () => {
    fc.assert(
      fc.property(texts, (text) => {
        const words = wordsOf(blocksOf(text));
        let at = 0;
        for (const character of text) {
          if (words.startsWith(character, at)) at += character.length;
          else expect("*_`~>#\\ \n").toContain(character);
        }
        expect(words.slice(at)).toBe("");
      }),
      { numRuns: 2_000 },
    );
  });
});

/** A hundred times the longest message. With work that grows by the square of it, a test runs for minutes. */
const FAR_TOO_LONG = 100 * TEXT_MAX_CHARACTERS;

describe("the work grows with the length of the text", () => {
  const HOSTILE = [
    ...[
      "`",
      "`` ` ",
      "*",
      "**a",
      "_a ",
      "*a _b ",
      "*a b_ ",
      "*a_b",
      "**a *b ",
      "a* ",
      "\\",
      "[",
      "[a](",
      "<",
    ],
    ...[
      "> ",
      "- ",
      "1. ",
      "~~~\n",
      "```\n",
      "- a\n ",
      "\n",
      " ",
      "\n- ",
      "> - ",
      "https://",
      "www.a*",
    ],
  ];

  test.each(HOSTILE)("for %j over and over", (piece) => {
    const text = piece.repeat(Math.ceil(FAR_TOO_LONG / piece.length));
    expect(blocksOf(text).length).toBeGreaterThanOrEqual(piece.trim() === "" ? 0 : 1);
  });
});
