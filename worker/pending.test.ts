import { expect, test } from "vitest";
import { bytesOf } from "#schema/bytes";
import type { StoredComment } from "#schema/comment";
import { makeId } from "#schema/id";
import { PENDING_BYTES_MAX, PENDING_SIZE } from "#schema/limits";
import { Pending } from "./pending";

const START = 1_790_000_000_000;
const LONGEST = "\u{1f600}".repeat(1_000);

function comment(n: number, text: string): StoredComment {
  const id = makeId(START + n, String(n).padStart(10, "0"));
  const rest = { username: "anonymous", color: "#aabbcc", type: "human" as const, sequence: 0 };
  return { id, timestamp: START + n, text, ...rest, botParams: { processed: false } };
}

function fill(text: string, count: number): Pending {
  const pending = new Pending();
  for (let n = 0; n < count; n += 1) pending.put(comment(n, text), START);
  return pending;
}

const query = { pending: true as const, limit: 500 };

test("10,000 messages of 300 letters can be pending", () => {
  expect(fill("\u0431".repeat(300), PENDING_SIZE)).toMatchObject({
    size: PENDING_SIZE,
    dropped: 0,
  });
});

test("of messages of maximum length, the newest within the byte limit are pending; the others are counted as dropped", () => {
  const pending = fill(LONGEST, PENDING_SIZE);
  const bytes = pending.comments.reduce((sum, one) => sum + bytesOf(one), 0);
  expect(bytes).toBeLessThanOrEqual(PENDING_BYTES_MAX);
  expect(pending.size).toBeGreaterThan(2_000);
  expect(pending.size + pending.dropped).toBe(PENDING_SIZE);
  expect(pending.comments.at(-1)?.timestamp).toBe(START + PENDING_SIZE - 1);
});

test("processed and replaced messages free their bytes", () => {
  const pending = fill(LONGEST, PENDING_SIZE);
  for (const one of [...pending.comments]) pending.put({ ...one, text: "" }, START);
  const { size, dropped } = pending;
  for (const { id } of pending.comments.slice(0, 500)) pending.remove(id);
  for (let n = 0; n < 5_000; n += 1) pending.put(comment(PENDING_SIZE + n, "short"), START);
  expect(pending).toMatchObject({ size: size - 500 + 5_000, dropped });
});

test("an answer has as many messages as fit its byte limit, the oldest first", () => {
  const pending = fill(LONGEST, 1_000);
  const next = pending.next(query, START, new Set());
  expect(next.length).toBeGreaterThan(150);
  expect(next.length).toBeLessThan(300);
  expect(next[0]?.timestamp).toBe(START);
  expect(fill("short", 1_000).next(query, START, new Set())).toHaveLength(500);
});
