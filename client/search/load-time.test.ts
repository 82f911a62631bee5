import { expect, test, vi } from "vitest";
import type { Comment } from "#schema/comment";
import { makeId } from "#schema/id";
import type { Read } from "#schema/read";
import { WallStore } from "../wall/wall-store";
import { indexAt, loadTime, SEEK_PAGES_MAX } from "./load-time";

const comment = (timestamp: number): Comment => ({
  id: makeId(timestamp, "0000000000"),
  timestamp,
  text: `words of ${timestamp}`,
  username: "ada",
  color: "#55c2f5",
  type: "human",
  botParams: { processed: false },
});
const idOf = (timestamp: number) => comment(timestamp).id;

function page(timestamps: readonly number[], nextBefore: string | null): Read {
  const comments = timestamps.map(comment);
  const core = { removed: [], cursor: "aaaaaaaa.9", rebuiltAt: 1, gap: false };
  return { ...core, comments, nextBefore };
}

/** A page that holds 500 messages from 1,000 on, before which older ones are missing. */
function setUp() {
  const store = new WallStore();
  const newest = Array.from({ length: 500 }, (_, n) => 1_499 - n);
  store.accept(page(newest, null), {});
  const read = vi.fn<(before: string) => Promise<Read>>();
  const shown = () => store.snapshot().comments.map(({ timestamp }) => timestamp);
  return { store, read, shown };
}

test.each([1_000, 1_234, 5_000])("at %i ms nothing is missing, so nothing is read", async (ms) => {
  const { store, read } = setUp();
  expect(await loadTime(ms, store, read)).toBe("loaded");
  expect(read).not.toHaveBeenCalled();
});

test("an older time is read with a place made from it, and stands apart", async () => {
  const { store, read, shown } = setUp();
  read.mockResolvedValueOnce(page([300, 299], "on"));
  expect(await loadTime(310, store, read)).toBe("loaded");
  expect(read.mock.calls).toEqual([[makeId(310, "0000000000")]]);
  expect(shown().slice(0, 3)).toEqual([299, 300, 1_000]);
  expect([...store.snapshot().holes].sort()).toEqual([idOf(299), idOf(1_000)]);
  expect(store.snapshot().comments[indexAt(store.snapshot().comments, 310)]?.timestamp).toBe(300);
});

test("empty pages, which only carry the search on, are followed a few times", async () => {
  const { store, read, shown } = setUp();
  read.mockResolvedValueOnce(page([], "on")).mockResolvedValueOnce(page([300], "further"));
  expect(await loadTime(310, store, read)).toBe("loaded");
  expect(read.mock.calls[1]).toEqual(["on"]);
  expect(shown()[0]).toBe(300);

  read.mockReset().mockResolvedValue(page([], "on"));
  expect(await loadTime(200, store, read)).toBe("too far");
  expect(read).toHaveBeenCalledTimes(SEEK_PAGES_MAX);
});

test("a time before the wall's first message has nothing to show", async () => {
  const { store, read } = setUp();
  read.mockResolvedValueOnce(page([], null));
  expect(await loadTime(5, store, read)).toBe("too early");
});

test("the message at a time is the last one before it, or the first", () => {
  const comments = [10, 20, 30].map(comment);
  expect([5, 10, 19, 20, 99].map((ms) => indexAt(comments, ms))).toEqual([0, 0, 0, 1, 2]);
  expect(indexAt([], 5)).toBe(-1);
});
