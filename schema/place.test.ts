import { expect, test } from "vitest";
import { formatPlace, parsePlace } from "./place";

const ID = "1700000000000-0123456789";

test("a bare comment id is a place", () => {
  expect(parsePlace(ID)).toEqual({ id: ID });
  expect(formatPlace({ id: ID })).toBe(ID);
});

test.each(["c", "AAAA/+==", "wall:main:comment:8299999999999:1", "ñ漢🙂"])(
  "a place survives formatting, safe in a URL, with the list cursor %s",
  (listCursor) => {
    const text = formatPlace({ id: ID, listCursor });
    expect(text).toMatch(/^[\w.-]+$/);
    expect(parsePlace(text)).toEqual({ id: ID, listCursor });
  },
);

test.each([
  "",
  "yesterday",
  "1700000000000",
  `${ID}.`,
  `${ID}.*`,
  `${ID}.YQ==`,
  `${ID}.YR`,
  `${ID}._w`,
  `${ID}-YQ`,
  `${ID} `,
  ` ${ID}`,
  `${ID}.${"YWJj".repeat(600)}`,
])("%j is not a place", (text) => {
  expect(parsePlace(text)).toBeNull();
});
