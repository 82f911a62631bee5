import { expect, test } from "vitest";
import { namedBot, spelledAs } from "./naming";
import { SUGGESTIONS_MAX, suggestionsFor, typedName, withName } from "./suggestions";

const BOTS = ["ada", "ada lovelace", "tide", "Große", "海"];

test.each([
  ["@ada hi", "ada"],
  ["hi @ADA, and you?", "ada"],
  ["(@ada)", "ada"],
  ["@ada lovelace hi", "ada lovelace"],
  ["@ada lovelaces", "ada"],
  ["@adam or @tide", "tide"],
  ["me@ada.org", undefined],
  ["_@ada", undefined],
  ["@@ada", "ada"],
  ["@ ada", undefined],
  ["ada", undefined],
  ["@große?", "Große"],
  ["@海、おはよう", "海"],
  ["@", undefined],
  ["", undefined],
])("%j names %j", (text, bot) => {
  expect(namedBot(text, BOTS)).toBe(bot);
});

test.each([
  ["Ada", ["ada", "tide"], "ada"],
  ["Ada", ["ada", "Ada"], "Ada"],
  ["große", BOTS, "Große"],
  ["nemo", BOTS, undefined],
])("%j is the bot of %j that is spelled %j", (name, bots, bot) => {
  expect(spelledAs(name, bots)).toBe(bot);
});

test.each([
  ["@", 1, { start: 0, query: "" }],
  ["hi @ad there", 6, { start: 3, query: "ad" }],
  ["hi @ad there", 12, { start: 3, query: "ad there" }],
  ["hi @ad there", 2, null],
  ["me@ad", 5, null],
  ["@ ad", 4, null],
  ["@ad\nb", 5, null],
  [`@${"a".repeat(100)}`, 101, null],
])("in %j, with the caret at %d, the name being typed is %j", (text, caret, typed) => {
  expect(typedName(text, caret)).toEqual(typed);
});

test("bots come first, then people, found by the first letters of a word", () => {
  const people = [
    { name: "Adele", color: "#ffffff" },
    { name: "mira", color: "#000000" },
    { name: "van ada", color: "#000000" },
  ];
  const names = (query: string) => suggestionsFor(query, BOTS, people).map(({ name }) => name);
  expect(names("AD")).toEqual(["ada", "ada lovelace", "Adele", "van ada"]);
  expect(names("mi")).toEqual(["mira"]);
  expect(names("love")).toEqual(["ada lovelace"]);
  expect(names("x")).toEqual([]);
  // Typed in full.
  expect(names("Tide")).toEqual([]);
  expect(names("ada")).toEqual(["ada", "ada lovelace", "van ada"]);
  expect(names("")).toHaveLength(SUGGESTIONS_MAX);
});

test("a chosen name replaces what was typed, with one space behind it", () => {
  const typed = { start: 3, query: "ad" };
  expect(withName("hi @ad there", typed, "ada")).toEqual({ text: "hi @ada there", caret: 8 });
  expect(withName("hi @ad", typed, "ada")).toEqual({ text: "hi @ada ", caret: 8 });
});
