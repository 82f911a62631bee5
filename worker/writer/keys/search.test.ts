import { expect, test } from "vitest";
import { makeId } from "#schema/id";
import { WINDOW_SIZE } from "#schema/limits";
import type { Ledger } from "../../ledger/ledger";
import { WriterState } from "../state/state";
import { Search } from "./search";

const START = 1_790_000_000_000;
const MINUTE_MS = 60_000;
const PAGE = 1_000;

/** A wall with a message a second until `now`, of which the newest window is known. */
function setUp(now: number, readBefore: number) {
  const ids = Array.from({ length: 12_000 }, (_, n) =>
    makeId(now - n * 1_000, String(n).padStart(10, "0")),
  );
  const lists: number[] = [];
  const keys = { areReadable: false };
  const ledger = {
    newest: async (next?: string) => {
      const from = Number(next ?? 0);
      lists.push(from);
      const end = from + PAGE;
      return { ids: ids.slice(from, end), foreign: 0, next: end < ids.length ? String(end) : null };
    },
    read: async (asked: string[]) =>
      new Map(asked.map((id) => [id, keys.areReadable ? "corrupt" : null])),
  } as unknown as Ledger;
  const state = new WriterState({ wall: "main", store: "store", birth: 0 });
  for (const id of ids.slice(0, WINDOW_SIZE).reverse()) {
    const timestamp = Number(id.slice(0, 13));
    const record = { id, timestamp, text: "", username: "", color: "", type: "human" } as const;
    for (const change of state.sequenced([
      { record: { ...record, botParams: { processed: false }, sequence: 0 } },
    ]))
      state.apply(change, now);
  }
  const clock = { now: () => now, sleep: async () => {} };
  return {
    lists,
    keys,
    search: new Search({ clock, ledger, state, hasArrived: () => false, readBefore }),
  };
}

test("the sweep after an outage lists back to the last rebuild, in bounded steps, and then only the last minutes", async () => {
  const { lists, search } = setUp(START, START - 120 * MINUTE_MS);
  await search.sweep();
  expect(lists).toEqual([0, 1_000, 2_000, 3_000, 4_000, 5_000]);
  await search.sweep();
  expect(lists.slice(6)).toEqual([6_000, 7_000]);
  await search.sweep();
  expect(lists.slice(8)).toEqual([0]);
});

test("keys of an outage count as read once a sweep has listed and rebuilds have read them all", async () => {
  const before = START - 120 * MINUTE_MS;
  const { search, keys } = setUp(START, before);
  await search.findNew();
  expect(search.readUntil).toBe(before);
  await search.sweep();
  await search.sweep();
  await search.findNew();
  expect(search.readUntil).toBe(before);
  keys.areReadable = true;
  // 500 keys in each rebuild.
  for (let rebuild = 0; rebuild < 16; rebuild += 1) await search.findNew();
  expect(search.readUntil).toBe(START);
});

test("keys without a comment are read once, also if a list lacks them for a while", async () => {
  const ids = Array.from({ length: 3 }, (_, n) => makeId(START + n, String(n).padStart(10, "0")));
  const read: string[] = [];
  let listed = ids;
  const ledger = {
    newest: async () => ({ ids: listed, foreign: 0, next: null }),
    read: async (asked: string[]) => {
      read.push(...asked);
      return new Map(
        asked.map((id) => [id, id === ids[0] ? "corrupt" : { id, mergedInto: "other" }]),
      );
    },
  } as unknown as Ledger;
  const state = new WriterState({ wall: "main", store: "store", birth: 0 });
  const clock = { now: () => START, sleep: async () => {} };
  const parts = { clock, ledger, state, hasArrived: () => false, readBefore: START };
  const search = new Search(parts);
  await search.findNew();
  expect(read.toSorted()).toEqual(ids);
  expect(search.skipped).toBe(1);
  listed = [];
  await search.findNew();
  expect(search.skipped).toBe(0);
  listed = ids;
  await search.findNew();
  expect(search.skipped).toBe(1);
  expect(read).toHaveLength(ids.length);
});
