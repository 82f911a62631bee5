import { expect, test } from "vitest";
import { bytesOfChange, COMMENT_BYTES_MAX } from "../bytes";
import type { Change } from "../change";
import type { Comment } from "../comment";
import { makeId } from "../id";
import { CHANGE_LOG_BYTES_MAX, CHANGE_LOG_SIZE } from "../limits";
import { parseSpare, serialiseSpare } from "./spare";
import { WallView } from "./wall-view";

const STORE = "teststor";

function comment(n: number, processed = false): Comment {
  const timestamp = 1_700_000_000_000 + n;
  return {
    id: makeId(timestamp, "0000000000"),
    timestamp,
    text: `message ${n}`,
    username: "anonymous",
    color: "#aabbcc",
    type: "human",
    botParams: { processed },
  };
}

const added = (n: number, sequence = n): Change => ({ sequence, comment: comment(n) });
const since = (sequence: number) => ({ store: STORE, sequence });

function viewOf(count: number): WallView {
  const view = new WallView(STORE, 0);
  for (let n = 1; n <= count; n += 1) view.apply(added(n));
  return view;
}

test("a read returns the newest comments first, at most 500", () => {
  const { comments, cursor } = viewOf(700).newest(500);
  expect(comments).toHaveLength(500);
  expect(comments[0]?.text).toBe("message 700");
  expect(comments[499]?.text).toBe("message 201");
  expect(cursor).toBe(`${STORE}.700`);
});

test("a delta has the changes since the cursor, oldest first, each comment once in its latest state", () => {
  const view = viewOf(3);
  view.apply({ sequence: 4, comment: comment(2, true) });
  view.apply({ sequence: 5, removed: comment(1).id });
  const delta = view.changesSince(since(0), 500);
  expect(delta.comments.map(({ text }) => text)).toEqual(["message 3", "message 2"]);
  expect(delta.comments[1]?.botParams.processed).toBe(true);
  expect(delta.removed).toEqual([comment(1).id]);
  expect(delta).toMatchObject({ cursor: `${STORE}.5`, gap: false });
});

test("a burst larger than the limit arrives in parts, the oldest part first and nothing lost", () => {
  const view = viewOf(12);
  const texts: string[] = [];
  let cursor = since(0);
  for (let more: boolean | undefined = true; more; ) {
    const delta = view.changesSince(cursor, 5);
    texts.push(...delta.comments.map(({ text }) => text));
    cursor = since(Number(delta.cursor.split(".")[1]));
    more = delta.more;
  }
  expect(texts).toEqual(Array.from({ length: 12 }, (_, n) => `message ${n + 1}`));
});

test("a delta in two parts equals a full read at the cut", () => {
  const view = viewOf(2);
  view.apply({ sequence: 3, comment: comment(1, true) });
  const atTwo = view.changesSince(since(0), 2);
  expect(atTwo.comments.map(({ botParams }) => botParams.processed)).toEqual([false, false]);
});

test("gap is true exactly when the cursor is older than the change log or of another store", () => {
  const view = viewOf(CHANGE_LOG_SIZE + 10);
  expect(view.changesSince(since(10), 500).gap).toBe(false);
  expect(view.changesSince(since(9), 500)).toMatchObject({ gap: true, comments: [] });
  expect(view.changesSince({ store: "another0", sequence: 5_000 }, 500).gap).toBe(true);
});

test("a cursor ahead of the server gets an empty delta and itself back", () => {
  expect(viewOf(3).changesSince(since(99), 500)).toEqual({
    comments: [],
    removed: [],
    cursor: `${STORE}.99`,
    gap: false,
  });
});

test("a change out of sequence is refused: a copy never skips one", () => {
  expect(() => viewOf(3).apply(added(5))).toThrow("change 5 does not follow 3");
});

test("a copy that applies changes equals the original, and can be extended further back", () => {
  const original = viewOf(20);
  const copy = new WallView(STORE, 10, viewOf(10).newest(500).comments);
  const sync = { store: STORE, sequence: 20, floor: 0, rebuiltAt: 1 };
  expect(copy.absorb({ ...sync, changes: original.logSince(10) })).toBe(true);
  expect(copy.window).toEqual(original.window);
  expect(copy.changesSince(since(5), 500).gap).toBe(true);
  expect(copy.absorb({ ...sync, changes: original.logSince(5) })).toBe(true);
  expect(copy.changesSince(since(5), 500)).toEqual(original.changesSince(since(5), 500));
});

test("a copy ignores older changes that do not connect to its own", () => {
  const original = viewOf(20);
  const copy = new WallView(STORE, 20, original.newest(500).comments);
  const sync = { store: STORE, sequence: 19, floor: 0, rebuiltAt: 1 };
  copy.absorb({ ...sync, changes: original.logSince(5).slice(0, -1) });
  expect(copy.floor).toBe(20);
  expect(copy.changesSince(since(10), 500).gap).toBe(true);
  copy.absorb({ ...sync, sequence: 20, changes: original.logSince(5) });
  expect(copy.changesSince(since(10), 500)).toEqual(original.changesSince(since(10), 500));
});

test("a removed comment appears in no part of the changes", () => {
  const view = viewOf(10);
  const copy = new WallView(STORE, 10, view.newest(500).comments);
  const sync = { store: STORE, sequence: 10, floor: 0, rebuiltAt: 1 };
  const earlier = view.logSince(3);
  for (const each of [view, copy]) each.apply({ sequence: 11, removed: comment(5).id });
  expect(view.changesSince(since(3), 2)).toMatchObject({
    comments: [comment(4)],
    removed: [comment(5).id],
    more: true,
  });
  // A copy that gets the earlier changes from an older answer.
  copy.absorb({ ...sync, changes: earlier });
  expect(copy.changesSince(since(3), 2)).toEqual(view.changesSince(since(3), 2));
});

test("the published snapshot answers like the view, as far back as it reaches", () => {
  const view = viewOf(600);
  view.apply({ sequence: 601, removed: comment(600).id });
  view.apply({ sequence: 602, comment: comment(599, true) });
  const spare = parseSpare(serialiseSpare(view, 42, false));
  expect(spare?.rebuiltAt).toBe(42);
  expect(spare?.view.newest(500)).toEqual(view.newest(500));
  expect(spare?.view.changesSince(since(600), 500)).toEqual(view.changesSince(since(600), 500));
  expect(spare?.isPaused).toBe(false);
});

test("the published snapshot skips no change of a comment that it does not hold", () => {
  const view = viewOf(600);
  view.apply({ sequence: 601, comment: comment(1, true) });
  view.apply(added(602));
  const spare = parseSpare(serialiseSpare(view, 42, false))?.view;
  expect(spare?.changesSince(since(600), 500).gap).toBe(true);
  expect(spare?.changesSince(since(601), 500)).toEqual(view.changesSince(since(601), 500));
});

test.each(["", "{", "[]", "null", '{"store":1}'])("%j is not a published snapshot", (text) => {
  expect(parseSpare(text)).toBeNull();
});

const longest = (sequence: number): Change => ({
  sequence,
  comment: { ...comment(sequence), text: "\u{1f600}".repeat(1_000) },
});

function expectFull(view: WallView): void {
  const log = view.logSince(view.floor);
  const bytes = log.reduce((sum, change) => sum + bytesOfChange(change), 0);
  expect(bytes).toBeLessThanOrEqual(CHANGE_LOG_BYTES_MAX);
  expect(bytes).toBeGreaterThan(CHANGE_LOG_BYTES_MAX - COMMENT_BYTES_MAX);
  expect(log.length).toBeGreaterThan(2_900);
}

test("with the longest messages the log reaches back as far as its bytes allow, and says so", () => {
  const view = new WallView(STORE, 0);
  for (let n = 1; n <= CHANGE_LOG_SIZE; n += 1) view.apply(longest(n));
  expectFull(view);
  expect(view.changesSince(since(view.floor), 500).gap).toBe(false);
  expect(view.changesSince(since(view.floor - 1), 500).gap).toBe(true);
});

test("older changes that arrive later are kept as far as the bytes allow", () => {
  const changes = Array.from({ length: CHANGE_LOG_SIZE }, (_, n) => longest(n + 1));
  const view = new WallView(STORE, 4_000, []);
  for (const change of changes.slice(4_000)) view.apply(change);
  const { sequence, floor } = view;
  const rebuiltAt = 0;
  view.absorb({ store: STORE, sequence, floor, rebuiltAt, changes });
  expect(view.sequence).toBe(CHANGE_LOG_SIZE);
  expectFull(view);
});

test("removing a long message frees its room in the log", () => {
  const view = new WallView(STORE, 0);
  for (let n = 1; n <= CHANGE_LOG_SIZE; n += 1) view.apply(longest(n));
  const { floor, sequence } = view;
  for (const [n, { id }] of [...view.window].entries())
    view.apply({ sequence: sequence + 1 + n, removed: id });
  expect(view.floor).toBe(floor);
});

test("5,000 changes of 1,000 letters each, in any alphabet, can be followed", () => {
  const view = new WallView(STORE, 0);
  for (let n = 1; n <= 2 * CHANGE_LOG_SIZE; n += 1)
    view.apply({ sequence: n, comment: { ...comment(n), text: "\u0431".repeat(1_000) } });
  expect(view.floor).toBe(CHANGE_LOG_SIZE);
});

test("a comment whose removal was undone stays when the log is extended to before the removal", () => {
  const writer = viewOf(3);
  const window = [...writer.window];
  writer.apply({ sequence: 4, removed: comment(2).id });
  writer.apply({ sequence: 5, comment: comment(2) });
  const copy = new WallView(STORE, 3, window);
  for (const change of writer.logSince(3)) copy.apply(change);
  // An answer from before the removal.
  const sync = { store: STORE, sequence: 3, floor: 0, rebuiltAt: 0 };
  copy.absorb({ ...sync, changes: [added(1), added(2), added(3)] });
  expect(copy.floor).toBe(0);
  expect(copy.changesSince(since(3), 500)).toMatchObject({ comments: [comment(2)], removed: [] });
  expect(copy.changesSince(since(0), 3)).toMatchObject({ removed: [comment(2).id] });
  expect(copy.newest(500).comments).toHaveLength(3);
});
