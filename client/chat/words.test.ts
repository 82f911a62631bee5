import fc from "fast-check";
import { expect, test } from "vitest";
import { finderOf } from "../search/fold";
import { findLinks } from "./link-finder";
import { isOnlyEmoji, mayHoldLink, partsOf } from "./words";

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
