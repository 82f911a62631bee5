import { expect, test } from "vitest";
import { isDeeperThan } from "./depth";

test.each([
  ["a", 0],
  [null, 0],
  [[], 1],
  [{ a: 1, b: { c: [] } }, 3],
  [[[1], [[2]], 3], 3],
  [JSON.parse("[".repeat(4_000) + "]".repeat(4_000)), 4_000],
])("%j is nested no deeper than %i, and deeper than one less", (value, depth) => {
  expect(isDeeperThan(depth, value)).toBe(false);
  if (depth > 0) expect(isDeeperThan(depth - 1, value)).toBe(true);
});
