import { expect, test } from "vitest";
import type { StoredComment, StoredRecord } from "#schema/comment";
import { makeId } from "#schema/id";
import type { Journal } from "../journal/journal";
import { Operations } from "../platform/operations";
import { Claims } from "./claims";
import { Lookup } from "./lookup";
import { Sequencer } from "./sequencer";
import { HELD_SIZE } from "./state/held";
import { WriterState } from "./state/state";

const START = 1_790_000_000_000;

function comment(timestamp: number, suffix: string): StoredComment {
  return {
    id: makeId(timestamp, suffix),
    timestamp,
    text: `at ${timestamp}`,
    username: "anonymous",
    color: "#aabbcc",
    type: "bot",
    nonce: `nonce-${suffix}`,
    botParams: {},
    sequence: 0,
  };
}

/** A wall that knows one comment. `find` runs `whileRead` while it reads that comment's key. */
function wallWith(known: StoredComment, keys: readonly StoredRecord[], now = START + 60_000) {
  const records = new Map(keys.map((record) => [record.id, record]));
  const clock = { now: () => now, sleep: async () => {} };
  const archived: string[] = [];
  const journal = {
    atOnce: (work: () => void) => work(),
    append: () => {},
    rotate: (_checkpoint, archives) => {
      for (const { ids } of archives) archived.push(...ids);
      return archives.map(() => 1);
    },
    archives: () => [],
    erase: () => {},
    archivedId: (_key, suffix) => archived.find((id) => id.endsWith(suffix)) ?? null,
  } as Partial<Journal> as Journal;
  const state = new WriterState({ wall: "main", store: "teststor", birth: 0 }, journal);
  const sequencer = new Sequencer(
    {
      clock,
      journal,
      operations: new Operations(),
      state,
      claims: new Claims(),
      progress: () => ({ rebuiltAt: START }),
      onUnwritten: () => {},
      onMerged: () => {},
      onCommitted: () => {},
      log: () => {},
    },
    0,
  );
  sequencer.arrive(known);
  sequencer.commit();
  const find = (id: string, whileRead = () => {}) =>
    new Lookup({
      clock,
      records: {
        read: async ([read = ""]) => {
          if (read === known.id) whileRead();
          return new Map([[read, records.get(read) ?? null]]);
        },
      },
      state,
      sequencer,
      isExact: false,
    }).find(id);
  return { sequencer, state, find };
}

/** A wall that has evicted one comment, so that it reads the key. */
function wallThatEvicted(old: StoredComment, keys: readonly StoredRecord[]) {
  const wall = wallWith(old, keys);
  for (let n = 0; n < HELD_SIZE; n += 1)
    wall.sequencer.arrive(comment(START + 2 + n, String(n).padStart(10, "0")));
  wall.sequencer.commit();
  return wall;
}

test("a copy that nothing has noticed yet is found as the first one, though the clock is hours ahead", async () => {
  const [first, copy] = [comment(START, "the0nonces"), comment(START + 1, "the0nonces")];
  const { state, find } = wallWith(first, [first, copy], START + 4 * 3_600_000);
  expect((await find(copy.id))?.id).toBe(first.id);
  expect(state.view.window.map(({ id }) => id)).toEqual([first.id]);
});

test("a comment that is merged into another while its key is read is found as that other", async () => {
  const [elder, copy] = [comment(START, "the0nonces"), comment(START + 1, "the0nonces")];
  const { sequencer, state, find } = wallThatEvicted(copy, [elder, copy]);
  expect((await find(copy.id, () => sequencer.arrive(elder)))?.id).toBe(elder.id);
  expect(state.canonical(copy.id)).toBe(elder.id);
});

test("a comment that is removed while its key is read is not found", async () => {
  const old = comment(START, "the0nonces");
  const { sequencer, find } = wallThatEvicted(old, [old]);
  const removal = { record: { id: old.id, removed: true as const, sequence: 0 } };
  expect((await find(old.id))?.id).toBe(old.id);
  expect(await find(old.id, () => sequencer.commit([removal]))).toBeNull();
});

test.each([
  { days: 5, isRemembered: false },
  { days: 0, isRemembered: true },
])(
  "a removal of $days days ago that its key tells of is remembered: $isRemembered",
  async ({ days, isRemembered }) => {
    const now = START + 60_000;
    const id = makeId(now - days * 24 * 3_600_000, "the0nonces");
    const tombstone = { id, removed: true as const, sequence: 0 };
    const { find, state } = wallWith(comment(START, "another000"), [tombstone], now);
    expect(await find(id)).toBeNull();
    // The caller's answer is that it is gone.
    expect(state.isRemoved(id)).toBe(true);
    state.forget(now + 1);
    expect(state.isRemoved(id)).toBe(isRemembered);
  },
);
