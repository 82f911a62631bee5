import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { restoreWall } from "./kept-wall";
import { WallStore } from "./wall-store";

const { get } = vi.hoisted(() => ({ get: vi.fn() }));
vi.mock("idb-keyval", () => ({ get, set: async () => {} }));

const KEPT = {
  cursor: "aaaaaaaa.1",
  comments: [{ id: "1700000000000-0000000000", timestamp: 1_700_000_000_000, text: "kept" }],
  holes: [],
};

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

test("slow browser storage doesn't delay the wall, and its messages still appear", async () => {
  get.mockReturnValue(new Promise((resolve) => setTimeout(() => resolve(KEPT), 2_000)));
  const store = new WallStore();
  let isDone = false;
  void restoreWall(store).then(() => {
    isDone = true;
  });
  await vi.advanceTimersByTimeAsync(1_000);
  expect(isDone).toBe(true);
  expect(store.snapshot().comments).toEqual([]);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(store.snapshot().comments).toEqual(KEPT.comments);
});

test("the wall works when the browser refuses storage", async () => {
  get.mockRejectedValue(new Error("forbidden"));
  const store = new WallStore();
  await restoreWall(store);
  expect(store.snapshot().loaded).toBe(false);
});
