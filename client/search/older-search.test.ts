import { expect, test, vi } from "vitest";
import { makeId } from "#schema/id";
import { ApiError } from "../api/request";
import { BETWEEN_PAGES_MS, OlderSearch } from "./older-search";

const idOf = (timestamp: number) => makeId(timestamp, "0000000000");

/** A wall with holes above these times, newest last; each read moves the newest hole down by one. */
function setUp(holes: number[], { full = false } = {}) {
  const wall = { holes: new Set(holes.map(idOf)), full, loaded: true };
  const read = vi.fn(async (id: string) => {
    wall.holes.delete(id);
    const next = Number(id.slice(0, 13)) - 1;
    if (next > 0) wall.holes.add(idOf(next));
  });
  const waits: number[] = [];
  let time = 0;
  const search = new OlderSearch({
    wall: () => wall,
    read,
    now: () => time,
    random: () => 0,
    sleep: async (ms) => {
      waits.push(ms);
      time += ms;
    },
  });
  const phases: string[] = [];
  search.subscribe(() => phases.push(search.snapshot().phase));
  return { wall, read, waits, search, phases };
}

const reads = (read: ReturnType<typeof setUp>["read"]) => read.mock.calls.map(([id]) => id);

test("reads page after page, newest missing messages first, until the wall's first message", async () => {
  const { search, read, waits, phases } = setUp([1, 3]);
  await search.start();
  expect(reads(read)).toEqual([3, 2, 1].map(idOf));
  expect(new Set(waits)).toEqual(new Set([BETWEEN_PAGES_MS]));
  expect(phases.at(-1)).toBe("idle");
});

test("ends when the browser holds as many messages as it can", async () => {
  const { search, read, wall } = setUp([9]);
  read.mockImplementationOnce(async () => {
    wall.full = true;
  });
  await search.start();
  expect(read).toHaveBeenCalledTimes(1);
});

test("stops at once, and continues later where it stopped", async () => {
  const { search, read } = setUp([9]);
  read.mockImplementationOnce(async () => search.stop());
  await search.start();
  expect(read).toHaveBeenCalledTimes(1);
  expect(search.snapshot().phase).toBe("idle");
  await search.start();
  expect(reads(read).slice(1)).toEqual([9, 8, 7, 6, 5, 4, 3, 2, 1].map(idOf));
});

test("a second start while it runs changes nothing", async () => {
  const { search, read } = setUp([2]);
  await Promise.all([search.start(), search.start()]);
  expect(reads(read)).toEqual([2, 1].map(idOf));
});

test("waits as long as the wall asks, shows until when, and continues", async () => {
  const { search, read, waits } = setUp([1]);
  read.mockRejectedValueOnce(new ApiError(429, undefined, 20_000));
  const shown: unknown[] = [];
  search.subscribe(() => shown.push(search.snapshot()));
  await search.start();
  expect(waits[0]).toBe(20_000);
  expect(shown).toContainEqual({ phase: "waiting", until: 20_000 });
  expect(reads(read)).toEqual([1, 1].map(idOf));
});

test("gives up after a few failures in a row, and another start tries again", async () => {
  const { search, read } = setUp([1]);
  for (let failure = 0; failure < 4; failure += 1) read.mockRejectedValueOnce(new ApiError(0));
  await search.start();
  expect(search.snapshot().phase).toBe("failed");
  const before = read.mock.calls.length;
  await search.start();
  expect(read.mock.calls.length).toBe(before + 1);
  expect(search.snapshot().phase).toBe("idle");
});
