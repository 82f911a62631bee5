/** A wall's way from KV into the rebuilder's own SQLite, and what comes to it from elsewhere. */
import { expect, test, vi } from "vitest";
import type { Comment } from "#schema/comment";
import type { MoveProgress } from "#schema/move";
import type { Read } from "#schema/read";
import { newIsolate } from "./isolate";
import { ADMIN, BOT, expectValue, NOBODY, newWall, suffix, type Wall } from "./wall";

const NEWER_THAN_ALL = "9999999999999-0000000000";
const HOUR_MS = 3_600_000;

async function stepsUntilDone(wall: Wall, after?: () => Promise<void>): Promise<MoveProgress> {
  for (;;) {
    const progress = await wall.rebuilder().move(wall.name);
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

test("1,100 comments move with their flags, removals and nonces, though the object ends after each step", async () => {
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
    const { window } = JSON.parse(await wall.rebuilder().sync(wall.name));
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
  // Asked for again, it is done already.
  expect(await wall.rebuilder().move(wall.name)).toEqual(done);
}, 60_000);

test("while it moves nobody posts; afterwards all do, also who has not heard of it", async () => {
  const wall = newWall();
  const isolate = newIsolate(wall);
  const unaware = newIsolate(wall);
  await unaware.read();
  const first = expectValue(await isolate.service.post(NOBODY, { text: "before" })).comment;
  await isolate.settled();
  const { service } = isolate;
  expect(expectValue(await service.move(ADMIN, { to: "sqlite" })).phase).not.toBe("done");
  isolate.advance(11_000);
  expect(await service.post(NOBODY, { text: "meanwhile" })).toMatchObject({
    problem: { status: 503, code: "posting_paused" },
  });
  await stepsUntilDone(wall);
  // Takes the wall for one in KV, writes a key, and tells the rebuilder.
  const late = expectValue(await unaware.service.post(NOBODY, { text: "late" })).comment;
  await unaware.settled();
  unaware.dropNotices = true;
  const lost = expectValue(await unaware.service.post(NOBODY, { text: "lost notice" })).comment;
  expect(await wall.stored(lost.id)).toMatchObject({ text: "lost notice" });
  await wall.rebuilder().watch(wall.name);
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

test("long after the move, too, a key is found by the hour that was written by who never heard of it", async () => {
  const wall = newWall();
  const unaware = newIsolate(wall);
  await unaware.read();
  await stepsUntilDone(wall);
  unaware.dropNotices = true;
  const lost = expectValue(await unaware.service.post(NOBODY, { text: "lost notice" })).comment;
  // As one is whose row, but not whose key, was let go of for want of room.
  await wall.store({ timestamp: Date.now() - 48 * HOUR_MS, suffix: suffix(1) });
  const now = vi.spyOn(Date, "now");
  try {
    const fullHour = Math.ceil(Date.now() / HOUR_MS + 3) * HOUR_MS;
    for (const [at, shown] of [
      [fullHour - 30_000, []],
      [fullHour + 30_000, [lost.id]],
    ] as const) {
      now.mockReturnValue(at);
      await wall.rebuilder().watch(wall.name);
      expect((await wall.newest()).map(({ id }) => id)).toEqual(shown);
    }
  } finally {
    now.mockRestore();
  }
});

test.each([
  ["no token", NOBODY, 401],
  ["the bot's token", BOT, 403],
])("with %s nothing is moved or imported", async (_name, caller, status) => {
  const { service } = newIsolate(newWall());
  const refused = { ok: false, problem: { status } };
  expect(await service.move(caller, { to: "sqlite" })).toMatchObject(refused);
  expect(await service.importComments(caller, { comments: [] })).toMatchObject(refused);
  expect(await service.move(ADMIN, { to: "kv" })).toMatchObject({
    problem: { status: 400, errors: [{ pointer: "/to" }] },
  });
});

test("a wall on kv goes on there with LEDGER=sqlite, until it is moved", async () => {
  const wall = newWall();
  const { id } = await wall.post({ text: "before" });
  const isolate = newIsolate(wall, undefined, "sqlite");
  const { comment } = expectValue(await isolate.service.post(NOBODY, { text: "meanwhile" }));
  expect(await wall.stored(comment.id)).toMatchObject({ text: "meanwhile" });
  const past = await isolate.history(NEWER_THAN_ALL);
  expect(past.comments.map((shown) => shown.id)).toEqual([comment.id, id]);
  expect(past.spare).toBeUndefined();
});
