import { describe, expect, test } from "vitest";
import type { Comment } from "#schema/comment";
import { makeId } from "#schema/id";
import { finderOf } from "../search/fold";
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
  filtered(
    COMMENTS,
    { ...NO_FILTER, ...filter },
    ({ username }) => muted.includes(username),
    finderOf(filter.text ?? "").matchesComment,
  ).map(({ username }) => username);

test.each<[string, Partial<Filter>, string[]]>([
  ["messages with every search word, ignoring case", { text: "GOOD morning" }, ["ada"]],
  ["messages whose name and text together have the words", { text: "ada morning" }, ["ada"]],
  ["messages of one author", { author: "bob" }, ["bob"]],
  ["people", { kind: "people" }, ["ada", "bob", "eve"]],
  ["bots", { kind: "bots" }, ["robot"]],
  ["messages of an author that also match the words", { author: "bob", text: "morning" }, []],
  ["all messages for a search of only spaces", { text: "  " }, ["ada", "bob", "eve", "robot"]],
])("shows %s", (_, filter, wanted) => {
  expect(names(filter)).toEqual(wanted);
});

describe("messages of a muted author", () => {
  test("are hidden, also from search results", () => {
    expect(names({}, ["ada"])).toEqual(["bob", "eve", "robot"]);
    expect(names({ text: "morning" }, ["ada"])).toEqual(["eve"]);
  });

  test("are shown when the reader filters by that author", () => {
    expect(names({ author: "ada" }, ["ada", "bob"])).toEqual(["ada"]);
  });
});

test("without filter and mutes the array stays the same, so nothing is rendered again", () => {
  expect(filtered(COMMENTS, NO_FILTER, null, undefined)).toBe(COMMENTS);
});

describe("the filter in the URL", () => {
  test.each<[string, Filter]>([
    ["?q=two+words", { text: "two words", author: "", kind: "all" }],
    ["?author=ada&show=people", { text: "", author: "ada", kind: "people" }],
    ["", NO_FILTER],
  ])("%j is parsed and formatted", (query, filter) => {
    expect(parseFilter(query)).toEqual(filter);
    expect(formatFilter(filter)).toBe(query);
    expect(isFiltering(filter)).toBe(query !== "");
  });

  test("an unknown kind is ignored", () => {
    expect(parseFilter("?show=cats").kind).toBe("all");
  });
});
