import fc from "fast-check";
import { expect, test } from "vitest";
import { finderOf } from "../search/fold";
import { findLinks, LINK_MAX_CHARACTERS } from "./link-finder";
import {
  isOnlyEmoji,
  mayBeTall,
  mayHoldLink,
  partsOf,
  splitAtBlankLines,
  withFewBlankLines,
} from "./words";

const NOTHING = { name: "", query: "" };
const marksOf = ({ name, query }: typeof NOTHING) => ({ name, find: finderOf(query).find });
const kinds = (text: string, marks = NOTHING) =>
  partsOf(text, marksOf(marks), findLinks)
    .filter(({ kind }) => kind !== "text")
    .map(({ kind, text: shown, href }) => `${kind} ${shown}${href ? ` ${href}` : ""}`);

test.each<[string, string[]]>([
  ["see https://example.com/a?b=c.", ["link https://example.com/a?b=c https://example.com/a?b=c"]],
  ["example.com is bare", ["link example.com https://example.com"]],
  ["(http://example.com/x)", ["link http://example.com/x http://example.com/x"]],
  ["javascript:alert(1)", []],
  ["data:text/html,<b>", []],
  ["mailto:a@example.com", []],
  ["ftp://example.com/x", []],
  ["nothing here. Really", []],
])("links in %j", (text, expected) => {
  expect(kinds(text)).toEqual(expected);
});

const linked = (text: string) => partsOf(text, NOTHING, findLinks).filter((part) => part.href);

test.each([
  // Files, though their endings are countries'.
  ["read README.md first", []],
  ["main.rs and lib.rs", []],
  ["run ./setup.py, then build.sh", []],
  ["docs/README.md", []],
  ["foo.pl, x.so, a.cc, b.ml, figure.ps", []],
  ["README.MD", []],
  // The same endings, meant as addresses.
  ["https://README.md", ["https://README.md"]],
  ["http://main.rs/x", ["http://main.rs/x"]],
  ["www.gov.md", ["https://www.gov.md"]],
  ["docs.rs", ["https://docs.rs"]],
  ["crates.rs/tokio", ["https://crates.rs/tokio"]],
  // Other hosts.
  ["example.com, example.org/a", ["https://example.com", "https://example.org/a"]],
  ["bit.ly/x and t.me", ["https://bit.ly/x", "https://t.me"]],
  ["claude.ai is not a file", ["https://claude.ai"]],
  ["heise.de bbc.co.uk", ["https://heise.de", "https://bbc.co.uk"]],
  // A forgotten space.
  ["it was late.So we left.It rained", []],
])("addresses in %j", (text, expected) => {
  expect(linked(text).map(({ href }) => href)).toEqual(expected);
});

test.each([
  ["https://example.com/", "example.com"],
  ["https://example.com/a/b", "example.com/a/b"],
  ["example.com/a?b=c", "example.com/a…"],
  ["https://example.com/a#b", "example.com/a…"],
  [`https://example.com/${"a".repeat(48)}`, `example.com/${"a".repeat(48)}`],
  [`https://example.com/${"a".repeat(49)}`, `example.com/${"a".repeat(47)}…`],
  [`https://${"a".repeat(50)}.${"b".repeat(20)}.com`, `${"a".repeat(50)}.${"b".repeat(8)}…`],
  ["https://пример.рф/путь", "пример.рф/путь"],
])("the link %s is shown as %s", (text, shown) => {
  expect(linked(text).map((part) => part.shown)).toEqual([shown]);
  expect([...shown].length).toBeLessThanOrEqual(LINK_MAX_CHARACTERS);
});

test.each([
  ["a\nb", "a\nb"],
  ["a\n\nb", "a\n\nb"],
  ["a\n\n\nb", "a\n\n\nb"],
  [`a${"\n".repeat(999)}b`, "a\n\n\nb"],
  ["a\n \n  \n\nb\n\n\n\n\nc", "a\n\n\nb\n\n\nc"],
])("%j is shown as %j, with at most two blank lines in a row", (text, shown) => {
  expect(withFewBlankLines(text)).toBe(shown);
});

test.each([
  ["a\nb", ["a\nb"]],
  ["a\n\nb", ["a\n", "\n", "b"]],
  ["a\n  \n\n  b\nc", ["a\n", "  \n\n", "  b\nc"]],
])("the blank lines of %j", (text, pieces) => {
  expect(splitAtBlankLines(text)).toEqual(pieces);
});

test.each<[string, string, string[]]>([
  ["hello Ada!", "ada", ["mention Ada"]],
  ["@ada and adamant", "ada", ["mention @ada"]],
  ["für Zoë", "zoë", ["mention Zoë"]],
  ["anonymous speaks", "anonymous", []],
  ["a b", "a", []],
  ["mail x@ada", "ada", []],
  ["that (x) is", "(x)", ["mention (x)"]],
])("mentions in %j of %j", (text, name, expected) => {
  expect(kinds(text, { name, query: "" })).toEqual(expected);
});

test("each search word is marked as it stands in the text, whatever its accents", () => {
  expect(kinds("The Quick fox", { name: "", query: "fox quick" })).toEqual([
    "match Quick",
    "match fox",
  ]);
  expect(kinds("Für Zoë in Straßen", { name: "", query: "zoe strasse" })).toEqual([
    "match Zoë",
    "match Straße",
  ]);
});

test("the parts joined are the text", () => {
  const marks = fc.record({ name: fc.string({ unit: "binary" }), query: fc.string() });
  const words = fc.array(
    fc.oneof(fc.string({ unit: "binary" }), fc.constantFrom("https://a.de/x", "b.com", " ", ".")),
  );
  fc.assert(
    fc.property(words, marks, (texts, wanted) => {
      const text = texts.join("").toWellFormed();
      const parts = partsOf(text, marksOf(wanted), findLinks);
      expect(parts.map((part) => part.text).join("")).toBe(text);
      for (const { href } of parts) if (href) expect(href).toMatch(/^https?:\/\//i);
    }),
    { numRuns: 100, seed: 20_261_124 },
  );
});

test("a text with a link may contain a link", () => {
  for (const text of ["x https://a.de", "www.a.de", "example.com", "пример.рф"])
    expect(mayHoldLink(text)).toBe(true);
  expect(mayHoldLink("Well. Yes... 3.14")).toBe(false);
});

test.each([
  ["🌙", true],
  ["👍🏽 👩‍👩‍👧 🇩🇪", true],
  ["🏴󠁧󠁢󠁥󠁮󠁧󠁿 1️⃣ ☝🏽 ❤️‍🔥 ⛹🏿‍♀️ 👁️‍🗨️", true],
  ["🌙🌙🌙🌙🌙🌙🌙", false],
  ["🌙 moon", false],
  ["", false],
  ["12", false],
])("only emoji: %j %s", (text, expected) => {
  expect(isOnlyEmoji(text)).toBe(expected);
});

test.each<[string, boolean]>([
  ["Hello, how are you?\nGood – “thanks”…", false],
  ["Grüße, naïve façade, Łódź, Đặng Thuỳ Trâm", false],
  ["Привет, Γειά σου", false],
  ["你好，世界。こんにちは！カタカナ 안녕하세요", false],
  ["ok 👍🎉", false],
  ["Z\u0351\u036b\u0343\u036aa\u0302\u036bl\u034ago", true],
  ["か\u3099\u3099\u3099\u3099", true],
  ["а\u0488", true],
  ["ก็็็็็็", true],
  ["𒐫", true],
  ["﷽", true],
  ["꧅", true],
])("glyphs out of their line in %j: %s", (text, expected) => {
  expect(mayBeTall(text)).toBe(expected);
});
