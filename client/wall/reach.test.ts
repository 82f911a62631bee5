import { describe, expect, test, vi } from "vitest";
import type { Comment } from "#schema/comment";
import { compareIds, makeId } from "#schema/id";
import { HISTORY_PAGE_MAX, WINDOW_SIZE } from "#schema/limits";
import type { Read } from "#schema/read";
import { ApiError } from "../api/request";
import { reachAround, reachOn } from "./reach";
import { WallStore } from "./wall-store";

const START = 1_700_000_000_000;

function comment(timestamp: number): Comment {
  const id = makeId(timestamp, String(timestamp).slice(-10));
  const core = { id, timestamp, text: `words of ${timestamp}`, username: "ada", color: "#55c2f5" };
  return { ...core, type: "human", botParams: { processed: false } };
}

/** A wall with messages at these times, oldest first, and a page that has loaded the newest 500. */
function wallOf(times: readonly number[]) {
  const all = times.map((time) => comment(START + time));
  const core = { removed: [], cursor: "aaaaaaaa.9", rebuiltAt: START, gap: false };
  const store = new WallStore();
  store.accept({ ...core, comments: all.slice(-WINDOW_SIZE).reverse() }, {});
  const readHistory = vi.fn(async (before: string): Promise<Read> => {
    const older = all.filter(({ id }) => compareIds(id, before) > 0);
    const comments = older.slice(-HISTORY_PAGE_MAX).reverse();
    const nextBefore = older.length > comments.length ? (comments.at(-1)?.id ?? null) : null;
    return { ...core, comments, nextBefore };
  });
  const findComment = vi.fn(async (id: string): Promise<Comment> => {
    const found = all.find((one) => one.id === id);
    if (!found) throw new ApiError(404);
    return found;
  });
  const ids = () => store.snapshot().comments.map(({ id }) => id);
  return { all, store, readHistory, findComment, ids, parts: { store, readHistory, findComment } };
}

/** Between two loaded messages without a hole, none is missing. */
function expectNoHiddenGap({ all, store }: ReturnType<typeof wallOf>) {
  const place = new Map(all.map(({ id }, index) => [id, index]));
  const { comments, holes } = store.snapshot();
  comments.forEach(({ id }, index) => {
    const previous = comments[index - 1];
    const isNext = (place.get(id) ?? 0) === (previous ? (place.get(previous.id) ?? 0) + 1 : 0);
    expect(isNext || holes.has(id), `hole before ${id}`).toBe(true);
  });
}

const MINUTES = Array.from({ length: 2_000 }, (_, index) => index * 60_000);
/** Silence for days between bursts of 200 messages in a second. */
const BURSTS = Array.from(
  { length: 2_000 },
  (_, index) => Math.floor(index / 200) * 3 * 86_400_000 + (index % 200) * 5,
);

describe.each([
  ["a steady wall", MINUTES],
  ["a wall of bursts", BURSTS],
])("on %s", (_, times) => {
  test.each([0, 199, 1_000, 1_499])(
    "message %i opens with the messages around it, and scrolling on meets the newest",
    async (index) => {
      const wall = wallOf(times);
      const { id } = wall.all[index] as Comment;
      expect(await reachAround(id, wall.parts)).toBe(id);
      expectNoHiddenGap(wall);
      const at = wall.ids().indexOf(id);
      expect(wall.ids().slice(at, at + 2)).toEqual(
        wall.all.slice(index, index + 2).map((c) => c.id),
      );
      expect(wall.ids()[at - 1]).toBe(wall.all[index - 1]?.id);

      const holeBelow = () =>
        wall
          .ids()
          .slice(wall.ids().indexOf(id) + 1)
          .find((one) => wall.store.snapshot().holes.has(one));
      let pages = 0;
      for (let hole = holeBelow(); hole; hole = holeBelow()) {
        const held = wall.ids().length;
        await reachOn(hole, wall.parts);
        expect(wall.ids().length > held || holeBelow() === undefined).toBe(true);
        expectNoHiddenGap(wall);
        pages += 1;
      }
      expect(pages).toBeLessThan(80);
      expect(wall.ids().slice(wall.ids().indexOf(id))).toEqual(
        wall.all.slice(index).map((one) => one.id),
      );
    },
  );
});

test("a message that was removed is not placed", async () => {
  const wall = wallOf(MINUTES);
  expect(await reachAround(makeId(START + 30_000, "0000000000"), wall.parts)).toBeNull();
});

test("a message that was merged into another is found under that one's id", async () => {
  const wall = wallOf(MINUTES);
  const survivor = wall.all[500] as Comment;
  wall.findComment.mockResolvedValue(survivor);
  expect(await reachAround(makeId(START + 30_000, "0000000000"), wall.parts)).toBe(survivor.id);
});

test("a failed read places nothing and changes nothing", async () => {
  const wall = wallOf(MINUTES);
  wall.readHistory.mockRejectedValue(new ApiError(0));
  const before = wall.store.snapshot();
  expect(await reachAround((wall.all[500] as Comment).id, wall.parts)).toBeNull();
  expect(wall.store.snapshot()).toBe(before);
});
