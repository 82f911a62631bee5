import { expect, test } from "vitest";
import { bytesOf } from "#schema/bytes";
import type { StoredComment } from "#schema/comment";
import { makeId } from "#schema/id";
import { PENDING_ANSWER_BYTES_MAX, PENDING_BYTES_MAX, PENDING_SIZE } from "#schema/limits";
import { compareUrgency } from "#schema/urgency";
import { Pending } from "./pending";

const START = 1_790_000_000_000;
const LONGEST = "\u{1f600}".repeat(1_000);

type BotParams = StoredComment["botParams"];

function comment(n: number, text: string, botParams: BotParams = {}): StoredComment {
  const id = makeId(START + n, String(n).padStart(10, "0"));
  const rest = { username: "anonymous", color: "#aabbcc", type: "human" as const, sequence: 0 };
  return { id, timestamp: START + n, text, ...rest, botParams: { processed: false, ...botParams } };
}

function fill(text: string, count: number): Pending {
  const pending = new Pending();
  for (let n = 0; n < count; n += 1) pending.put(comment(n, text), START);
  return pending;
}

const query = { pending: true as const, limit: 500 };

test("10,000 messages of 300 letters fit into the queue", () => {
  expect(fill("\u0431".repeat(300), PENDING_SIZE)).toMatchObject({
    size: PENDING_SIZE,
    dropped: 0,
  });
});

test("the byte bound keeps the newest of the longest messages and counts the others as dropped", () => {
  const pending = fill(LONGEST, PENDING_SIZE);
  const bytes = pending.comments.reduce((sum, one) => sum + bytesOf(one), 0);
  expect(bytes).toBeLessThanOrEqual(PENDING_BYTES_MAX);
  expect(pending.size).toBeGreaterThan(2_000);
  expect(pending.size + pending.dropped).toBe(PENDING_SIZE);
  expect(pending.comments.at(-1)?.timestamp).toBe(START + PENDING_SIZE - 1);
});

test("removing or replacing a message frees its bytes", () => {
  const pending = fill(LONGEST, PENDING_SIZE);
  for (const one of [...pending.comments]) pending.put({ ...one, text: "" }, START);
  const { size, dropped } = pending;
  for (const { id } of pending.comments.slice(0, 500)) pending.remove(id);
  for (let n = 0; n < 5_000; n += 1) pending.put(comment(PENDING_SIZE + n, "short"), START);
  expect(pending).toMatchObject({ size: size - 500 + 5_000, dropped });
});

test("the byte bound limits how many of the longest messages are in an answer, oldest first", () => {
  const pending = fill(LONGEST, 1_000);
  const next = pending.next(query, START, new Set());
  expect(next.length).toBeGreaterThan(150);
  expect(next.length).toBeLessThan(300);
  expect(next[0]?.timestamp).toBe(START);
  expect(fill("short", 1_000).next(query, START, new Set())).toHaveLength(500);
});

/** `count` messages with these bot parameters, each younger than those before. */
function add(pending: Pending, count: number, botParams: BotParams, text = "short"): void {
  const { size } = pending;
  for (let n = size; n < size + count; n += 1) pending.put(comment(n, text, botParams), START);
}

function entitiesIn(comments: readonly StoredComment[]): (string | undefined)[] {
  return comments.map(({ botParams }) => botParams.entity);
}

const ofAda = { pending: true as const, entity: "ada", limit: 20 };

test("a bot gets its own message though more than fit for nobody are older or more urgent", () => {
  for (const others of [{}, { priority: 50 }]) {
    const pending = new Pending();
    add(pending, 500, others);
    add(pending, 1, { entity: "ada" });
    const next = pending.next(ofAda, START, new Set());
    expect(next).toHaveLength(20);
    expect(entitiesIn(next).at(-1)).toBe("ada");
    expect(entitiesIn(pending.next({ ...ofAda, limit: 1 }, START, new Set()))).toEqual(["ada"]);
  }
});

test("the longest messages for nobody leave room for a bot's own", () => {
  const pending = new Pending();
  add(pending, 1_000, {}, LONGEST);
  add(pending, 300, { entity: "ada" }, LONGEST);
  const next = pending.next({ ...ofAda, limit: 500 }, START, new Set());
  const own = entitiesIn(next).filter((entity) => entity === "ada").length;
  expect(Math.abs(2 * own - next.length)).toBeLessThanOrEqual(2);
  const bytes = next.reduce((sum, one) => sum + bytesOf(one), 0);
  expect(bytes).toBeLessThanOrEqual(PENDING_ANSWER_BYTES_MAX);
});

test("a bot with many messages of its own still gets those for nobody, in the one order", () => {
  const pending = new Pending();
  add(pending, 500, { entity: "ada", priority: 50 });
  add(pending, 5, {});
  const next = pending.next(ofAda, START, new Set());
  expect(entitiesIn(next)).toEqual([...Array(15).fill("ada"), ...Array(5).fill(undefined)]);
  expect([...next].sort(compareUrgency)).toEqual(next);
  add(pending, 100, {});
  const half = entitiesIn(pending.next(ofAda, START, new Set()));
  expect(half).toEqual([...Array(10).fill("ada"), ...Array(10).fill(undefined)]);
});

test("addressed messages are a bot's own alone, without those that are claimed", () => {
  const pending = new Pending();
  for (let n = 0; n < 30; n += 1)
    for (const entity of ["bob", undefined, "ada", "Ada"])
      add(pending, 1, entity === undefined ? {} : { entity });
  const asked = { ...ofAda, addressed: true as const };
  const next = pending.next(asked, START, new Set());
  expect(entitiesIn(next)).toEqual(Array(20).fill("ada"));
  const [first] = next;
  const others = pending.next(asked, START, new Set([first?.id ?? ""]));
  expect(others.map(({ id }) => id)).not.toContain(first?.id);
  expect(pending.next({ ...asked, entity: "clock" }, START, new Set())).toEqual([]);
});
