import { expect, test } from "vitest";
import type { Comment } from "#schema/comment";
import {
  AT_BOTTOM,
  around,
  hold,
  ROWS_AT_BOTTOM,
  ROWS_MAX,
  spanOf,
  stepDown,
  stepUp,
} from "./log-range";

/** Comments at these seconds, oldest first. */
function comments(from: number, until: number): Comment[] {
  return Array.from({ length: until - from }, (_, offset) => {
    const timestamp = 1_700_000_000_000 + (from + offset) * 1_000;
    return { id: `${timestamp}-0000000000`, timestamp } as Comment;
  });
}

test("at the bottom, one screen of rows is rendered, ending with the newest", () => {
  expect(spanOf(comments(0, 500), AT_BOTTOM)).toEqual({ start: 500 - ROWS_AT_BOTTOM, end: 500 });
  expect(spanOf(comments(0, 3), AT_BOTTOM)).toEqual({ start: 0, end: 3 });
});

test("scrolling all the way up and down passes every row, with at most ROWS_MAX rendered", () => {
  const all = comments(0, 1_000);
  let range = AT_BOTTOM;
  const seen = new Set<number>();
  for (const step of [stepUp, stepDown])
    for (let next = step(all, range); next !== range; next = step(all, range)) {
      range = next;
      const { start, end } = spanOf(all, range);
      expect(end - start).toBeLessThanOrEqual(ROWS_MAX);
      for (let row = start; row < end; row += 1) seen.add(row);
    }
  expect(seen.size).toBe(1_000);
  expect(spanOf(all, range).end).toBe(1_000);
});

test("the reader's place stays when newer messages arrive", () => {
  const range = around(comments(0, 200), comments(100, 101)[0]?.id ?? "");
  const before = spanOf(comments(0, 200), range);
  expect(spanOf(comments(0, 400), hold(comments(0, 400), range))).toEqual(before);
});

test("when a hole fills between rendered rows, both sides stay until the next step", () => {
  const holed = [...comments(0, 100), ...comments(1_000, 1_100)];
  const range = around(holed, holed[100]?.id ?? "");
  const filled = comments(0, 1_100);
  const { start, end } = spanOf(filled, range);
  expect(start).toBe(100 - ROWS_AT_BOTTOM);
  expect(end).toBe(1_000 + ROWS_AT_BOTTOM);
  const { start: first, end: last } = spanOf(filled, stepUp(filled, range));
  expect(last - first).toBe(ROWS_MAX);
});
