import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { StoredComment, StoredRecord } from "#schema/comment";
import { makeId } from "#schema/id";
import { REBUILD_INTERVAL_MS } from "#schema/limits";
import type { Ledger } from "../../ledger/ledger";
import { withProcessed } from "../../record";
import { WriterState } from "../state/state";
import { KeyWriter } from "./key-writer";
import { LATE_PUT_MS } from "./late-put";

const START = 1_700_000_000_000;

beforeEach(() => void vi.useFakeTimers({ now: START }));
afterEach(() => void vi.useRealTimers());

function comment(n: number): StoredComment {
  const timestamp = START - 60_000 + n;
  return {
    id: makeId(timestamp, n.toString(36).padStart(10, "0")),
    timestamp,
    text: `message ${n}`,
    username: "anonymous",
    color: "#aabbcc",
    type: "human",
    botParams: { processed: false },
    sequence: 0,
  };
}

/** A wall's state and what writes its keys, with a write after each rebuild interval. */
function setUp(
  put: (record: StoredRecord) => Promise<void>,
  before: StoredRecord[] = [],
  isDiskFull = () => false,
) {
  const state = new WriterState({ wall: "main", store: "store", birth: 0 });
  const change = (record: StoredRecord) => {
    const sequence = state.view.sequence + 1;
    state.apply({ record: { ...record, sequence }, unwritten: true }, Date.now());
    return sequence;
  };
  for (const record of before) change(record);
  const rows: unknown[] = [];
  const written: StoredRecord[] = [];
  const keys = new KeyWriter({
    clock: { now: Date.now, sleep: async () => {} },
    journal: {
      append: (row: unknown) => {
        if (isDiskFull()) throw new Error("disk is full");
        rows.push(row);
      },
    } as never,
    ledger: {
      write: async (record: StoredRecord) => {
        written.push(record);
        await put(record);
      },
    } as unknown as Ledger,
    state,
    log: () => {},
  });
  setInterval(() => void keys.write(), REBUILD_INTERVAL_MS);
  return {
    state,
    keys,
    rows,
    written,
    remove: (id: string) => {
      change({ id, removed: true, sequence: 0 });
      void keys.write();
    },
    /** Sets a flag as the rebuilder does. */
    flag: (record: StoredComment, processed = true) => {
      const sequence = change(withProcessed(record, processed));
      keys.space(record.id);
      void keys.write();
      return sequence;
    },
  };
}

const after = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);

test("keys keep up with 1,000 flags a minute when each put takes half a second", async () => {
  const wall = setUp(() => after(500));
  let most = 0;
  for (let n = 0; n < 5_000; n += 1) {
    wall.flag(comment(n));
    await pass(60);
    most = Math.max(most, wall.state.unwritten.size);
  }
  // Two beats' worth: due keys, and puts under way.
  expect(most).toBeLessThan(100);
  await pass(3 * REBUILD_INTERVAL_MS);
  expect(wall.state.unwritten.size).toBe(0);
  expect(wall.written).toHaveLength(5_000);
});

test("a flag's key is written once if no other put of it may be under way", async () => {
  const wall = setUp(async () => {});
  wall.flag(comment(1));
  await pass(2 * LATE_PUT_MS);
  expect(wall.written).toHaveLength(1);
  expect(wall.state.unwritten.size).toBe(0);
});

test.each(["the entrypoint's put", "an own put that failed", "a put of the previous incarnation"])(
  "a flag is written again once %s can no longer overwrite it",
  async (kind) => {
    const first = comment(1);
    let isRefused = kind.startsWith("an own");
    const put = async () => {
      if (isRefused) throw new Error("KV PUT failed: 500");
    };
    const wall = setUp(put, kind.endsWith("previous incarnation") ? [first] : []);
    if (kind.startsWith("the entrypoint")) wall.keys.expectPut(first.id);
    if (isRefused) {
      wall.flag(first, false);
      await pass(REBUILD_INTERVAL_MS);
      isRefused = false;
    }
    const sequence = wall.flag(first);
    await pass(LATE_PUT_MS / 2);
    expect(wall.written.at(-1)).toMatchObject({ botParams: { processed: true } });
    const before = wall.written.length;
    expect(wall.state.unwritten.get(first.id)).toMatchObject({ sequence });
    await pass(LATE_PUT_MS);
    expect(wall.written).toHaveLength(before + 1);
    expect(wall.written.at(-1)).toMatchObject({ sequence, botParams: { processed: true } });
    expect(wall.state.unwritten.size).toBe(0);
  },
);

test("a clock that jumps hours ahead does not end the wait for a late put of a flag's key", async () => {
  let isRefused = true;
  const wall = setUp(async () => {
    if (isRefused) throw new Error("it may take effect");
  });
  wall.flag(comment(0));
  await pass(2 * REBUILD_INTERVAL_MS);
  isRefused = false;
  vi.setSystemTime(Date.now() + 4 * 3_600_000);
  wall.keys.forget(Date.now());
  await pass(2 * REBUILD_INTERVAL_MS);
  vi.setSystemTime(Date.now() - 4 * 3_600_000);
  await pass(2 * REBUILD_INTERVAL_MS);
  const before = wall.written.length;
  expect(wall.state.unwritten.size).toBe(1);
  await pass(2 * LATE_PUT_MS);
  expect(wall.written.length).toBe(before + 1);
  expect(wall.state.unwritten.size).toBe(0);
});

test("a removal's key is written again after a clock that ran ahead was set right", async () => {
  const wall = setUp(async () => {});
  const { id } = comment(1);
  wall.remove(id);
  await pass(REBUILD_INTERVAL_MS);
  expect(wall.written).toHaveLength(1);
  // Hours pass by its clock, so that no late put seems possible any more.
  vi.setSystemTime(Date.now() + 2 * 3_600_000);
  await pass(REBUILD_INTERVAL_MS);
  expect(wall.state.unwritten.size).toBe(0);
  const before = wall.written.length;
  vi.setSystemTime(START + 10_000);
  wall.keys.forget(Date.now());
  await pass(2 * LATE_PUT_MS);
  expect(wall.written.length).toBeGreaterThan(before);
  expect(wall.written.at(-1)).toMatchObject({ id, removed: true });
  expect(wall.state.unwritten.size).toBe(0);
});

test("a key is not written twice once the entrypoint reports that its put is done", async () => {
  const wall = setUp(async () => {});
  const first = comment(1);
  wall.keys.expectPut(first.id);
  wall.keys.holds(first);
  wall.flag(first);
  await pass(2 * LATE_PUT_MS);
  expect(wall.written).toHaveLength(1);
});

test("a slow put of a key does not overwrite a later one, though the journal refuses a row meanwhile", async () => {
  const comments = Array.from({ length: 60 }, (_, n) => comment(n));
  const [slow] = comments as [StoredComment];
  let isFull = true;
  const ended: StoredRecord[] = [];
  const put = async (record: StoredRecord) => {
    // Shorter than the ledger's deadline, so that this put succeeds.
    if (record.id === slow.id && record.sequence === 1) await after(4_500);
    ended.push(record);
  };
  const wall = setUp(put, [], () => isFull);
  for (const each of comments) wall.flag(each, false);
  await pass(REBUILD_INTERVAL_MS);
  isFull = false;
  wall.flag(slow);
  await pass(3 * LATE_PUT_MS);
  expect(wall.state.unwritten.size).toBe(0);
  const last = ended.findLast(({ id }) => id === slow.id);
  expect(last).toMatchObject({ botParams: { processed: true } });
});

test("after it is closed, no further key is written", async () => {
  let isOpen = () => {};
  const answered = new Promise<void>((resolve) => {
    isOpen = resolve;
  });
  const { keys, flag, written } = setUp(() => answered);
  for (let n = 0; n < 40; n += 1) flag(comment(n));
  const writing = keys.write();
  const begun = written.length;
  expect(begun).toBeLessThan(40);
  keys.close();
  isOpen();
  await writing;
  await vi.advanceTimersByTimeAsync(10 * REBUILD_INTERVAL_MS);
  expect(written).toHaveLength(begun);
});
