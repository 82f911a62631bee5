import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Comment } from "#schema/comment";
import { WallStore } from "../wall/wall-store";
import { keepWall, restoreWall } from "./kept-wall";
import { parseKeptWall } from "./stored-values";

const { get, set } = vi.hoisted(() => ({ get: vi.fn(), set: vi.fn(async () => {}) }));
vi.mock("idb-keyval", () => ({ get, set }));

const KEPT = {
  cursor: "aaaaaaaa.1",
  comments: [
    {
      id: "1700000000000-0000000000",
      timestamp: 1_700_000_000_000,
      text: "kept",
      username: "ada",
      color: "#55c2f5",
      type: "human" as const,
      botParams: {},
    },
  ],
  holes: [],
};

const loadParse = async () => parseKeptWall;

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
  void restoreWall(store, loadParse).then(() => {
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
  await restoreWall(store, loadParse);
  expect(store.snapshot().loaded).toBe(false);
});

test("a stored wall that doesn't fit is ignored", async () => {
  get.mockResolvedValue({ ...KEPT, comments: [...KEPT.comments, null] });
  const store = new WallStore();
  await restoreWall(store, loadParse);
  expect(store.snapshot()).toMatchObject({ loaded: false, comments: [] });
});

test("a busy wall is written once for many changes", async () => {
  const store = new WallStore();
  const end = keepWall(store);
  for (let sequence = 1; sequence <= 5; sequence += 1) {
    const [kept] = KEPT.comments;
    const changed = { ...kept, text: `text ${sequence}` } as Comment;
    const cursor = `aaaaaaaa.${sequence}`;
    const read = { comments: [changed], removed: [], cursor, rebuiltAt: 1, gap: false };
    store.accept(read, store.query());
  }
  await vi.advanceTimersByTimeAsync(2_000);
  end();
  expect(set).toHaveBeenCalledOnce();
  expect(set).toHaveBeenCalledWith(expect.anything(), store.keep(500));
});
