import { expect, test } from "vitest";
import { bytesOf } from "#schema/bytes";
import type { StoredComment } from "#schema/comment";
import { makeId } from "#schema/id";
import { WINDOW_SIZE } from "#schema/limits";
import { HELD_BYTES_MAX, HELD_SIZE, Held } from "./held";

const START = 1_790_000_000_000;
const LONGEST = "\u{1f600}".repeat(1_000);

function comment(n: number, text: string): StoredComment {
  const id = makeId(START + n, String(n).padStart(10, "0"));
  const rest = { username: "anonymous", color: "#aabbcc", type: "human" as const, sequence: 0 };
  return { id, timestamp: START + n, text, ...rest, botParams: {} };
}

function fill(text: string, count: number): Held {
  const held = new Held();
  for (let n = 0; n < count; n += 1) held.put(comment(n, text));
  return held;
}

const bytesIn = (held: Held) => held.comments.reduce((sum, one) => sum + bytesOf(one), 0);

test("5,000 messages of 1,000 letters each are kept in memory, in any alphabet", () => {
  expect(fill("\u0431".repeat(1_000), 2 * HELD_SIZE).size).toBe(HELD_SIZE);
});

test("messages of maximum length are kept up to the byte limit, and older ones count as evicted", () => {
  const held = fill(LONGEST, 2 * HELD_SIZE);
  expect(bytesIn(held)).toBeLessThanOrEqual(HELD_BYTES_MAX);
  expect(held.size).toBeGreaterThan(2_000);
  expect(held.comments[0]?.timestamp).toBe(START + 2 * HELD_SIZE - 1);
  const oldest = held.comments.at(-1)?.timestamp ?? 0;
  // Even a short one that would still fit.
  expect(held.isBeyond(comment(oldest - START - 1, "").id)).toBe(true);
  expect(held.isBeyond(comment(oldest - START + 1, "").id)).toBe(false);
});

test("a full window is kept, whatever its size", () => {
  expect(fill("x".repeat(100_000), 3 * WINDOW_SIZE).size).toBe(WINDOW_SIZE);
});

test("replaced and removed comments free their bytes", () => {
  const held = fill(LONGEST, HELD_SIZE);
  for (const { id } of [...held.comments])
    held.put({ ...(held.get(id) as StoredComment), text: "" });
  for (const { id } of held.comments.slice(0, 100)) held.remove(id);
  const { size } = held;
  for (let n = HELD_SIZE; n < 2 * HELD_SIZE; n += 1) held.put(comment(n, "short"));
  expect(size).toBeLessThan(HELD_SIZE);
  expect(held.size).toBe(HELD_SIZE);
});
