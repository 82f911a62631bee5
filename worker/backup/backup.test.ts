/** The steps of a backup, with a wall and a bucket in memory. */
import { beforeEach, expect, test } from "vitest";
import type { RemovedIds } from "#schema/backup";
import type { Comment } from "#schema/comment";
import { formatCursor } from "#schema/cursor";
import { makeId } from "#schema/id";
import { REMOVED_PAGE_MAX } from "#schema/limits";
import { type BackupParts, backUp } from "./backup";
import type { Bucket } from "./state";

const START = Date.parse("2026-11-30T03:00:00Z");
const DAY_MS = 86_400_000;
const PAGE = 100;

/** The parts of these tests are of 4 MB and one page at most. */
const PART_BYTES_MAX = 4_600_000;

let now = START;
let bucket: ReturnType<typeof memoryBucket>;
let wall: ReturnType<typeof memoryWall>;
let logged: string[];

beforeEach(() => {
  now = START;
  bucket = memoryBucket();
  wall = memoryWall();
  logged = [];
});

function memoryBucket() {
  const objects = new Map<string, { text: string; etag: string }>();
  let etag = 0;
  const memory = {
    objects,
    /** Called before each operation. */
    before: (_operation: string, _key: string) => {},
    get: async (key) => {
      memory.before("get", key);
      const object = objects.get(key);
      return object ? { etag: object.etag, text: async () => object.text } : null;
    },
    put: async (key, text, options) => {
      memory.before("put", key);
      if (options && objects.get(key)?.etag !== options.onlyIf.etagMatches) return null;
      etag += 1;
      objects.set(key, { text, etag: String(etag) });
      return {};
    },
    list: async ({ prefix, startAfter = "" }) => {
      const keys = [...objects.keys()].filter((key) => key.startsWith(prefix) && key > startAfter);
      const page = keys.sort().slice(0, 3);
      return { objects: page.map((key) => ({ key })), truncated: keys.length > page.length };
    },
  } satisfies Bucket & Record<string, unknown>;
  return memory;
}

function memoryWall() {
  const comments: Comment[] = [];
  const removals: string[] = [];
  const memory = {
    comments,
    removals,
    store: "abcdefgh",
    /** Older messages were imported at this cursor. */
    importedAt: -1,
    /** Called before each page. */
    before: () => {},
    add: (count: number, from = now, text = "hello") => {
      for (let n = 0; n < count; n += 1) {
        const timestamp = from + n;
        const id = makeId(timestamp, String(comments.length).padStart(10, "0"));
        comments.push({
          id,
          timestamp,
          text,
          username: "a",
          color: "#aabbcc",
          type: "human",
          botParams: {},
        });
      }
    },
    remove: (...gone: Comment[]) => {
      for (const comment of gone) {
        comments.splice(comments.indexOf(comment), 1);
        removals.push(comment.id);
      }
    },
    page: (async ({ id }) => {
      memory.before();
      const older = comments
        .filter((comment) => comment.id < id)
        .sort((a, b) => (a.id < b.id ? 1 : -1));
      const page = older.slice(0, PAGE);
      const nextBefore = older.length > PAGE ? (page.at(-1)?.id ?? null) : null;
      return { comments: page, removed: [], nextBefore };
    }) satisfies BackupParts["page"],
    removedSince: (async (since): Promise<RemovedIds> => {
      const cursorAt = (sequence: number) => formatCursor({ store: memory.store, sequence });
      if (!since) return { removed: [], cursor: cursorAt(removals.length), at: now };
      if (since.store !== memory.store)
        return { removed: [], cursor: cursorAt(removals.length), at: now, gap: true };
      const removed = removals.slice(since.sequence, since.sequence + REMOVED_PAGE_MAX);
      const end = since.sequence + removed.length;
      return {
        removed,
        cursor: cursorAt(end),
        at: now,
        ...(end < removals.length && { more: true }),
        ...(since.sequence <= memory.importedAt && { older: true }),
      };
    }) satisfies BackupParts["removedSince"],
  };
  return memory;
}

/** The cron's minutes until a segment is written. Returns their number. */
async function minutesUntilWritten(max = 100): Promise<number> {
  const written = () => logged.filter((event) => event === "backup written").length;
  const before = written();
  for (let minute = 1; minute <= max; minute += 1) {
    await minuteOfCron();
    if (written() > before) return minute;
  }
  throw new Error(`not written: ${logged.join(", ")}`);
}

async function minuteOfCron() {
  now += 60_000;
  const log = (event: string) => logged.push(event);
  const clock = { now: () => now, sleep: async () => {} };
  const { page, removedSince } = wall;
  await backUp({ wall: "main", bucket, clock, page, removedSince, log });
}

const parts = () => [...bucket.objects].filter(([key]) => key.endsWith(".jsonl"));
const linesOf = (text: string) =>
  text
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
const allLines = () => parts().flatMap(([, { text }]) => linesOf(text));
const idsWritten = () => allLines().flatMap(({ id }) => id ?? []);
const idsOf = (comments: Comment[]) => comments.map(({ id }) => id);

test("a large wall is written in several steps, in parts of a bounded size", async () => {
  wall.add(15_000, START - 20_000, "x".repeat(700));
  expect(await minutesUntilWritten()).toBeGreaterThan(2);
  expect(idsWritten().sort()).toEqual(idsOf(wall.comments).sort());
  for (const [, { text }] of parts()) {
    expect(text.length).toBeLessThan(PART_BYTES_MAX);
    expect(linesOf(text)[0]).toMatchObject({ saywhatwant: "export", wall: "main" });
  }
});

test("a slow wall ends the step, and the next minute continues", async () => {
  wall.add(1_000, START - 20_000);
  wall.before = () => {
    now += 15_000;
  };
  expect(await minutesUntilWritten()).toBeGreaterThan(3);
  expect(idsWritten().sort()).toEqual(idsOf(wall.comments).sort());
});

test("each day has what came since the day before, and a day has one segment", async () => {
  wall.add(500, START - DAY_MS);
  await minutesUntilWritten();
  const first = parts().length;
  wall.add(3, now + 1_000);
  for (let minute = 0; minute < 10; minute += 1) await minuteOfCron();
  expect(parts()).toHaveLength(first);
  now += DAY_MS;
  wall.add(2);
  expect(await minutesUntilWritten()).toBe(1);
  expect(parts()).toHaveLength(first + 1);
  expect(idsWritten().sort()).toEqual(idsOf(wall.comments).sort());
  expect(new Set(parts().map(([key]) => key.split("/")[1])).size).toBe(1);
});

test("a message that arrives some minutes late is in the next segment", async () => {
  wall.add(1, START - DAY_MS);
  await minutesUntilWritten();
  wall.add(1, START - 60_000);
  now += DAY_MS;
  await minutesUntilWritten();
  expect(new Set(idsWritten())).toEqual(new Set(idsOf(wall.comments)));
});

test.each(["put", "get"])(
  "a bucket that fails a %s costs a minute and no message",
  async (failing) => {
    wall.add(12_000, START - 20_000);
    let left = 2;
    bucket.before = (operation) => {
      left -= 1;
      if (operation === failing && left < 0 && left > -3) throw new Error("bucket away");
    };
    await minutesUntilWritten();
    expect(logged).toContain("backup failed");
    expect(new Set(idsWritten())).toEqual(new Set(idsOf(wall.comments)));
  },
);

test("two runs at once lose no message: only one writes the progress", async () => {
  wall.add(12_000, START - 20_000);
  await minuteOfCron();
  await Promise.all([minuteOfCron(), minuteOfCron()]);
  expect(logged).toContain("backup failed");
  await minutesUntilWritten();
  expect(new Set(idsWritten())).toEqual(new Set(idsOf(wall.comments)));
});

test("removed words leave every segment with the next day's, and the removal is written down", async () => {
  wall.add(20, START - DAY_MS, "old words");
  await minutesUntilWritten();
  const gone = wall.comments.slice(3, 5);
  wall.remove(...gone);
  now += DAY_MS;
  await minutesUntilWritten();
  expect(idsWritten().sort()).toEqual(idsOf(wall.comments).sort());
  expect(allLines().flatMap(({ removed }) => removed ?? [])).toEqual(idsOf(gone));
});

test("removals that touch many segments are erased over several minutes, with those that come meanwhile", async () => {
  wall.add(1, START - DAY_MS);
  await minutesUntilWritten();
  for (let day = 0; day < 8; day += 1) {
    now += DAY_MS;
    wall.add(3, now - 3_600_000);
    await minutesUntilWritten();
  }
  const gone = wall.comments.filter((_, n) => n % 3 === 0);
  const [last, ...others] = gone as [Comment, ...Comment[]];
  wall.remove(...others);
  now += DAY_MS;
  bucket.before = (operation, key) => {
    if (operation === "put" && key.includes("/messages-")) now += 25_000;
  };
  await minuteOfCron();
  await minuteOfCron();
  wall.remove(last);
  expect(await minutesUntilWritten()).toBeGreaterThan(2);
  expect(new Set(idsWritten())).toEqual(new Set(idsOf(wall.comments)));
  expect(new Set(allLines().flatMap(({ removed }) => removed ?? []))).toEqual(new Set(idsOf(gone)));
});

test("a message removed while its segment is written is not in it", async () => {
  wall.add(12_000, START - 20_000);
  await minuteOfCron();
  const newest = wall.comments.at(-1) as Comment;
  expect(idsWritten()).toContain(newest.id);
  wall.remove(newest);
  await minutesUntilWritten();
  expect(idsWritten()).not.toContain(newest.id);
});

test("an import while a segment is written makes the next one whole", async () => {
  wall.add(12_000, START - 7_200_000);
  await minuteOfCron();
  // Newer than the messages that are still to be written.
  wall.add(1, START - 3_600_000);
  wall.importedAt = 0;
  wall.remove(wall.comments[5] as Comment);
  await minutesUntilWritten();
  now += DAY_MS;
  await minutesUntilWritten();
  expect(new Set(idsWritten())).toEqual(new Set(idsOf(wall.comments)));
  now += DAY_MS;
  expect(await minutesUntilWritten()).toBe(1);
});

test("a lost or imported wall begins a new series, and the old one stays", async () => {
  wall.add(5, START - DAY_MS);
  await minutesUntilWritten();
  const old = parts();
  wall.comments.splice(0);
  wall.store = "othrstor";
  now += DAY_MS;
  await minutesUntilWritten();
  expect(parts()).toEqual(old);
  wall.add(7, START - 30 * DAY_MS);
  wall.importedAt = 0;
  now += DAY_MS;
  await minutesUntilWritten();
  expect(idsWritten().sort()).toEqual(
    [
      ...old.flatMap(([, { text }]) => linesOf(text)).flatMap(({ id }) => id ?? []),
      ...idsOf(wall.comments),
    ].sort(),
  );
  expect(new Set(parts().map(([key]) => key.split("/")[1])).size).toBe(2);
});
