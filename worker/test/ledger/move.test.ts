/** Moving a wall from KV to the rebuilder's SQLite, and late messages from outdated instances. */
import { expect, test, vi } from "vitest";
import type { Comment, StoredComment } from "#schema/comment";
import type { MoveProgress } from "#schema/move";
import type { Read } from "#schema/read";
import { eventually } from "../eventually";
import { newIsolate } from "../isolate";
import {
  ADMIN,
  BOT,
  commentAt,
  expectValue,
  NOBODY,
  newWall,
  rowIn,
  suffix,
  type Wall,
} from "../wall";

const NEWER_THAN_ALL = "9999999999999-0000000000";
const HOUR_MS = 3_600_000;

async function stepsUntilDone(wall: Wall, after?: () => Promise<void>): Promise<MoveProgress> {
  for (;;) {
    const progress = await wall.writer().move();
    if (progress.phase === "done") return progress;
    await after?.();
  }
}

async function everything(page: (before: string) => Promise<Read>): Promise<Comment[]> {
  const comments: Comment[] = [];
  for (let before: string | null | undefined = NEWER_THAN_ALL; before; ) {
    const read: Read = await page(before);
    comments.push(...read.comments);
    before = read.nextBefore;
  }
  return comments;
}

test("1,100 comments move with flags, removals and nonces, even if the object ends after each step", async () => {
  const wall = newWall();
  const start = Date.now() - HOUR_MS;
  const stored: Comment[] = [];
  for (let batch = 0; batch < 11; batch += 1) {
    const comments = Array.from({ length: 100 }, (_, n) => {
      const index = batch * 100 + n;
      return wall.store({ timestamp: start + index * 1_000, suffix: suffix(index) });
    });
    stored.unshift(...(await Promise.all(comments)).reverse());
  }
  await wall.rebuildTimes(2);
  const nonced = { text: "once", type: "bot", nonce: "nonce-of-a-bot" };
  const { id } = await wall.post(nonced, BOT);
  const [newest, flagged, old] = [stored[3], stored[700], stored[1_050]].map((c) => c?.id ?? "");
  for (const marked of [newest, flagged, old]) await wall.patch(marked as string);
  const gone = [stored[5]?.id ?? "", stored[1_020]?.id ?? ""];
  for (const removed of gone) await wall.remove(removed);
  const before = await everything((place) => wall.history(place));
  const { cursor } = await wall.read();

  let steps = 0;
  const done = await stepsUntilDone(wall, async () => {
    steps += 1;
    await wall.evict();
  });
  expect(steps).toBeGreaterThanOrEqual(5);
  expect(done).toMatchObject({ total: 1_101, seen: 1_101, corrupt: 0, unreadable: 0 });
  expect(done.digests.keys).toBe(done.digests.rows);
  for (let time = 0; time < 2; time += 1) {
    expect(await everything((place) => wall.history(place))).toEqual(before);
    const { window } = JSON.parse(await wall.writer().sync());
    expect(window.map((comment: Comment) => comment.id)).toEqual(
      before.slice(0, 500).map((comment) => comment.id),
    );
    for (const removed of gone)
      expect(await wall.find(removed)).toMatchObject({ problem: { status: 404 } });
    expect((await wall.post(nonced, BOT)).id).toBe(id);
    await wall.evict();
  }
  expect(await wall.status()).toMatchObject({ ok: true, ledger: "sqlite" });
  expect((await wall.read({ since: cursor })).gap).toBe(false);
  // A start reads the comments newer than the move, not every copied message.
  await wall.evict();
  expect((await wall.status()).operations.row_read ?? 0).toBeLessThan(50);
  // A repeated request reports the finished move.
  expect(await wall.writer().move()).toEqual(done);
}, 60_000);

/** Runs steps until `isReached`, without finishing the move. */
async function stepsUntil(wall: Wall, isReached: (progress: MoveProgress) => boolean) {
  for (;;) {
    const progress = await wall.writer().move();
    if (isReached(progress)) return progress;
    if (progress.phase === "done") throw new Error("the move ended too early");
  }
}

test("removals and flags behind the page being verified also reach their rows", async () => {
  const wall = newWall();
  const start = Date.now() - HOUR_MS;
  for (let batch = 0; batch < 11; batch += 1) {
    const comments = Array.from({ length: 100 }, (_, n) =>
      commentAt(start + batch * 100 + n, batch * 100 + n),
    );
    await wall.writer().import(comments);
  }
  const [gone = "", flagged = ""] = [500, 501].map((n) => commentAt(start + n, n).id);
  await stepsUntil(wall, ({ phase, seen }) => phase === "verifying" && seen >= 1_000);
  await wall.remove(gone);
  await wall.patch(flagged, true);
  const { now } = Date;
  let ahead = 0;
  const clock = vi.spyOn(Date, "now").mockImplementation(() => now() + ahead);
  try {
    // Until the keys have the change and their second write, which covers a late put, is done.
    await vi.waitFor(
      async () => {
        ahead += 60_000;
        await wall.rebuildTimes(1);
        expect(await wall.stored(gone)).toMatchObject({ removed: true });
        expect(await wall.stored(flagged)).toMatchObject({ botParams: { processed: true } });
        expect(ahead).toBeGreaterThan(5 * 60_000);
      },
      { timeout: 20_000, interval: 100 },
    );
    await stepsUntilDone(wall);
    expect(await rowIn(wall, gone)).toMatchObject({ removed: true });
    expect(await rowIn(wall, flagged)).toMatchObject({ botParams: { processed: true } });
    ahead += 25 * HOUR_MS;
    await wall.watch();
    const past = await wall.history(commentAt(start + 510, 510).id, 20);
    expect(past.comments.map(({ id }) => id)).not.toContain(gone);
    expect(await wall.find(gone)).toMatchObject({ problem: { status: 404 } });
    expect(await wall.claim(flagged, "a bot")).toMatchObject({ problem: { status: 409 } });
  } finally {
    clock.mockRestore();
  }
}, 60_000);

test("a row that differs from its key is rewritten before the move completes", async () => {
  const wall = newWall();
  const comments = [1, 2, 3].map((n) => commentAt(Date.now() - n * 1_000, n));
  await wall.writer().import(comments);
  const [, spoilt] = comments as [StoredComment, StoredComment, StoredComment];
  await stepsUntil(wall, ({ phase }) => phase === "verifying");
  await wall.inObject((_object, { storage: { sql } }) => {
    sql.exec("UPDATE messages_1 SET body = '{}' WHERE timestamp = ?", spoilt.timestamp);
  });
  const { phase } = await wall.writer().move();
  expect(phase).toBe("copying");
  await stepsUntilDone(wall);
  expect(await rowIn(wall, spoilt.id)).toMatchObject({ text: spoilt.text });
});

test("after a move, removed text leaves its key too, even if the object ends in between", async () => {
  const wall = newWall();
  const { id } = await wall.post({ text: "text to remove" });
  await stepsUntilDone(wall);
  expect(await wall.stored(id)).toMatchObject({ text: "text to remove" });
  await wall.remove(id);
  await wall.evict();
  await vi.waitFor(
    async () => {
      await wall.rebuildTimes(1);
      expect(await wall.stored(id)).toEqual({ id, removed: true, sequence: expect.any(Number) });
    },
    { timeout: 10_000, interval: 100 },
  );
});

for (const when of ["at its end", "after it"] as const)
  test(`the text of a copy that a move merges ${when} leaves the copy's key`, async () => {
    const wall = newWall();
    const now = Date.now();
    const twin = { suffix: suffix(1), nonce: "posted twice", text: "said once" };
    const copy = await wall.store({ ...twin, timestamp: now });
    await wall.rebuildTimes(1);
    const storeFirst = () => wall.store({ ...twin, timestamp: now - 500 });
    await wall.writer().move();
    // No rebuild lists the key of a lost notice before the move reads it.
    await wall.inObject((_object, { storage }) => storage.deleteAlarm());
    const early = when === "at its end" ? await storeFirst() : null;
    await stepsUntilDone(wall);
    const first = early ?? (await storeFirst());
    if (!early) await wall.watch();
    await wall.evict();
    const merged = { id: copy.id, mergedInto: first.id, sequence: expect.any(Number) };
    await vi.waitFor(
      async () => {
        await wall.rebuildTimes(1);
        expect(await wall.stored(copy.id)).toEqual(merged);
      },
      { timeout: 10_000, interval: 100 },
    );
  });

test("the text of a removed message's copy whose key only the move has read leaves that key", async () => {
  const wall = newWall();
  const twin = { suffix: suffix(1), nonce: "posted twice", text: "to be removed" };
  const now = Date.now();
  const first = await wall.store({ ...twin, timestamp: now - 1_000 });
  await wall.rebuildTimes(1);
  await wall.remove(first.id);
  await wall.writer().move();
  // No rebuild lists the key of a lost notice before the move reads it.
  await wall.inObject((_object, { storage }) => storage.deleteAlarm());
  const copy = await wall.store({ ...twin, timestamp: now });
  await stepsUntilDone(wall);
  const tombstone = { id: copy.id, removed: true, sequence: expect.any(Number) };
  await vi.waitFor(
    async () => {
      await wall.rebuildTimes(1);
      expect(await wall.stored(copy.id)).toEqual(tombstone);
    },
    { timeout: 5_000, interval: 100 },
  );
  expect(await rowIn(wall, copy.id)).toEqual(tombstone);
});

test("a comment whose key only the move has read is shown at its end", async () => {
  const wall = newWall();
  const first = await wall.post({ text: "first" });
  await wall.writer().move();
  // No rebuild lists the key of a lost notice before the move reads it.
  await wall.inObject((_object, { storage }) => storage.deleteAlarm());
  const lost = await wall.store({ timestamp: Date.now(), suffix: suffix(1) });
  await stepsUntilDone(wall);
  const shown = async () => (await wall.newest()).map(({ id }) => id);
  expect(await shown()).toEqual([lost.id, first.id]);
  await wall.evict();
  expect(await shown()).toEqual([lost.id, first.id]);
});

test("posting is paused during the move; afterwards everyone can post, even through an outdated instance", async () => {
  const wall = newWall();
  const isolate = newIsolate(wall);
  const unaware = newIsolate(wall);
  await unaware.read();
  const first = expectValue(await isolate.service.post(NOBODY, { text: "before" })).comment;
  await isolate.settled();
  const { service } = isolate;
  expect(expectValue(await service.admin.move(ADMIN, { to: "sqlite" })).phase).not.toBe("done");
  isolate.advance(11_000);
  expect(await service.post(NOBODY, { text: "meanwhile" })).toMatchObject({
    problem: { status: 503, code: "posting_paused" },
  });
  await stepsUntilDone(wall);
  // An instance that still writes keys to KV and notifies the rebuilder.
  const late = expectValue(await unaware.service.post(NOBODY, { text: "late" })).comment;
  await unaware.settled();
  unaware.dropNotices = true;
  const lost = expectValue(await unaware.service.post(NOBODY, { text: "lost notice" })).comment;
  expect(await wall.stored(lost.id)).toMatchObject({ text: "lost notice" });
  await wall.watch();
  isolate.advance(2_000);
  await isolate.read();
  const after = expectValue(await isolate.service.post(NOBODY, { text: "after" })).comment;
  expect(await wall.stored(after.id)).toBeNull();
  const wanted = [after.id, lost.id, late.id, first.id];
  expect((await wall.newest()).map(({ id }) => id)).toEqual(wanted);
  await wall.evict();
  expect((await wall.newest()).map(({ id }) => id)).toEqual(wanted);
  expect((await everything((before) => isolate.history(before))).map(({ id }) => id)).toEqual(
    wanted,
  );
});

test("the hourly sweep finds keys written by an instance that missed the move", async () => {
  const wall = newWall();
  const unaware = newIsolate(wall);
  await unaware.read();
  await stepsUntilDone(wall);
  unaware.dropNotices = true;
  const lost = expectValue(await unaware.service.post(NOBODY, { text: "lost notice" })).comment;
  // A key whose row has been evicted for lack of space.
  await wall.store({ timestamp: Date.now() - 48 * HOUR_MS, suffix: suffix(1) });
  const now = vi.spyOn(Date, "now");
  try {
    const fullHour = Math.ceil(Date.now() / HOUR_MS + 3) * HOUR_MS;
    for (const [at, shown] of [
      [fullHour - 30_000, []],
      [fullHour + 30_000, [lost.id]],
    ] as const) {
      now.mockReturnValue(at);
      await wall.watch();
      expect((await wall.newest()).map(({ id }) => id)).toEqual(shown);
    }
  } finally {
    now.mockRestore();
  }
});

test.each([
  ["no token", NOBODY, 401],
  ["the bot's token", BOT, 403],
])("with %s, moves and imports are rejected", async (_name, caller, status) => {
  const { service } = newIsolate(newWall());
  const refused = { ok: false, problem: { status } };
  expect(await service.admin.move(caller, { to: "sqlite" })).toMatchObject(refused);
  expect(await service.admin.importComments(caller, { comments: [] })).toMatchObject(refused);
  expect(await service.admin.move(ADMIN, { to: "kv" })).toMatchObject({
    problem: { status: 400, errors: [{ pointer: "/to" }] },
  });
});

test("an import with removals is refused during a move, since the move could miss them", async () => {
  const wall = newWall();
  const { id } = await wall.post({ text: "before" });
  const { service } = newIsolate(wall);
  await service.admin.move(ADMIN, { to: "sqlite" });
  expect(await service.admin.importComments(ADMIN, { comments: [], removed: [id] })).toMatchObject({
    problem: { status: 503 },
    retryAfterSeconds: expect.any(Number),
  });
  expect(await wall.find(id)).toMatchObject({ ok: true });
});

test("a wall on kv stays there with LEDGER=sqlite until it is moved", async () => {
  const wall = newWall();
  const { id } = await wall.post({ text: "before" });
  const isolate = newIsolate(wall, undefined, "sqlite");
  const { comment } = expectValue(await isolate.service.post(NOBODY, { text: "meanwhile" }));
  expect(await wall.stored(comment.id)).toMatchObject({ text: "meanwhile" });
  const past = await isolate.history(NEWER_THAN_ALL);
  expect(past.comments.map((shown) => shown.id)).toEqual([comment.id, id]);
  expect(past.spare).toBeUndefined();
});

test("the first step of a move on a sleeping wall sets the alarm, which repeats a failed rebuild", async () => {
  const wall = newWall();
  await wall.store({ timestamp: Date.now(), suffix: suffix(1) });
  await wall.writer().move();
  const due = await wall.inObject((_object, { storage }) => storage.getAlarm());
  expect(due).not.toBeNull();
});

test("a removal is undone during and after a move, and the move's own check finds no difference", async () => {
  const wall = newWall();
  const posted: Comment[] = [];
  for (const text of ["first", "second", "third"]) posted.push(await wall.post({ text }));
  await eventually(async () => expect(await wall.newest()).toHaveLength(3));
  const ids = posted.map(({ id }) => id);
  for (const id of ids.slice(0, 2)) await wall.remove(id);
  let steps = 0;
  const done = await stepsUntilDone(wall, async () => {
    steps += 1;
    // When the rows have the removals already.
    if (steps === 3) await wall.undo();
  });
  expect(steps).toBeGreaterThanOrEqual(3);
  expect(done.digests.keys).toBe(done.digests.rows);
  await wall.undo();
  for (const isRestarted of [false, true]) {
    if (isRestarted) await wall.evict();
    expect((await wall.newest()).map(({ id }) => id)).toEqual(ids.toReversed());
    const past = await wall.history(NEWER_THAN_ALL);
    expect(past.comments.map(({ id }) => id)).toEqual(ids.toReversed());
  }
  expect(await rowIn(wall, ids[1] ?? "")).toMatchObject({ text: "second" });
});
