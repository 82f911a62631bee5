import { describe, expect, test } from "vitest";
import type { Comment } from "#schema/comment";
import { makeId } from "#schema/id";
import { type Filter, filtered, formatFilter, isFiltering, NO_FILTER, parseFilter } from "./filter";

function said(username: string, text: string, type: Comment["type"] = "human"): Comment {
  const timestamp = 1_700_000_000_000;
  const id = makeId(timestamp, "0000000000");
  return { id, timestamp, text, username, color: "#aabbcc", type, botParams: {} };
}

const COMMENTS = [
  said("ada", "Good morning"),
  said("bob", "good NIGHT"),
  said("eve", "morning, all"),
  said("robot", "a good answer", "bot"),
];

const names = (filter: Partial<Filter>, muted: string[] = []) =>
  filtered(COMMENTS, { ...NO_FILTER, ...filter }, muted).map(({ username }) => username);

test.each<[string, Partial<Filter>, string[]]>([
  ["every word, in whatever case", { text: "GOOD morning" }, ["ada"]],
  ["a word of the name as of the text", { text: "ada morning" }, ["ada"]],
  ["one author", { author: "bob" }, ["bob"]],
  ["people", { kind: "people" }, ["ada", "bob", "eve"]],
  ["bots", { kind: "bots" }, ["robot"]],
  ["author and words together", { author: "bob", text: "morning" }, []],
  ["nothing but spaces asks for nothing", { text: "  " }, ["ada", "bob", "eve", "robot"]],
])("shows %s", (_, filter, wanted) => {
  expect(names(filter)).toEqual(wanted);
});

describe("a muted author", () => {
  test("is left out, also of what a search finds", () => {
    expect(names({}, ["ada"])).toEqual(["bob", "eve", "robot"]);
    expect(names({ text: "morning" }, ["ada"])).toEqual(["eve"]);
  });

  test("is shown to a reader who asks for this very author", () => {
    expect(names({ author: "ada" }, ["ada", "bob"])).toEqual(["ada"]);
  });
});

test("without a filter and a muted author it is the same array, so that nothing is drawn again", () => {
  expect(filtered(COMMENTS, NO_FILTER, [])).toBe(COMMENTS);
});

describe("in the URL", () => {
  test.each<[string, Filter]>([
    ["?q=two+words", { text: "two words", author: "", kind: "all" }],
    ["?author=ada&show=people", { text: "", author: "ada", kind: "people" }],
    ["", NO_FILTER],
  ])("%j is read and written", (query, filter) => {
    expect(parseFilter(query)).toEqual(filter);
    expect(formatFilter(filter)).toBe(query);
    expect(isFiltering(filter)).toBe(query !== "");
  });

  test("an unknown kind counts for nothing", () => {
    expect(parseFilter("?show=cats").kind).toBe("all");
  });
});
