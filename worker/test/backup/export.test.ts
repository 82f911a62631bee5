/** An export carries removals, and restores a wall whose storage was lost. */
import { expect, test, vi } from "vitest";
import { isStoredComment } from "#schema/comment";
import { parseCursor } from "#schema/cursor";
import { keyOf } from "#schema/id";
import { Operations } from "#worker/platform/operations";
import { toComment } from "#worker/record";
import { RemovalLog } from "#worker/writer/moderation/removal-log";
import { newIsolate } from "../isolate";
import {
  ADMIN,
  BOT,
  commentAt,
  env,
  expectValue,
  LEDGER,
  NOBODY,
  newWall,
  onKv,
  suffix,
  type Wall,
} from "../wall";
import { exported, importInto, removalsSince } from "./exported";

const HOUR_MS = 3_600_000;

/** Loses all of a wall: its keys, and its object's storage. */
async function loseAll(wall: Wall) {
  while (expectValue(await wall.clear()).more);
}

test("a wall that was lost is restored by its export: messages and marks return, removed ones don't", async () => {
  const wall = newWall();
  const kept = await wall.post({ text: "kept" });
  const marked = await wall.post({ text: "marked" });
  const gone = await wall.post({ text: "gone" });
  await wall.patch(marked.id);
  await wall.claim(kept.id, "clock");
  await wall.report(kept.id, { reason: "rude" });
  // An earlier backup still has it.
  const earlier = await exported(wall);
  await wall.remove(gone.id);
  const { comments, removed } = await exported(wall);
  expect(removed).toEqual([gone.id]);
  expect(comments.map(({ id }) => id).sort()).toEqual([kept.id, marked.id].sort());

  await loseAll(wall);
  expect(await wall.newest()).toEqual([]);
  const counts = await importInto(wall, [...comments, ...earlier.comments], removed);
  expect(counts).toEqual({ added: 2, known: 3, removed: 0, remembered: 1 });
  const restored = await wall.newest();
  expect(restored.map(({ text, botParams }) => [text, botParams.processed]).sort()).toEqual([
    ["kept", false],
    ["marked", true],
  ]);
  expect(await wall.stored(gone.id)).toMatchObject({ removed: true });
  expect(await exported(wall)).toEqual({
    comments: comments.map(
      ({ botParams: { claimedBy: _, claimedUntil: __, ...botParams }, ...rest }) => ({
        ...rest,
        botParams,
      }),
    ),
    removed,
  });
  // No export has these.
  expect(await wall.reported()).toEqual([]);
  expect((await wall.claim(kept.id, "another")).ok).toBe(true);

  // Months later, from the earlier backup alone.
  await wall.evict();
  expect(await importInto(wall, earlier.comments)).toMatchObject({ added: 0, known: 3 });
  await wall.rebuildTimes(2);
  expect((await wall.newest()).map(({ text }) => text)).not.toContain("gone");
});

test("a removal that an import brings takes a message down that the wall has, with its words", async () => {
  const wall = newWall();
  const gone = await wall.post({ text: "secret words" });
  const young = await wall.post({ text: "young" });
  const old = toComment(commentAt(Date.now() - HOUR_MS, 1));
  await importInto(wall, [old]);
  const brought = await importInto(wall, [], [gone.id, old.id, gone.id]);
  expect(brought).toMatchObject({ removed: 2, remembered: 0 });
  expect((await wall.newest()).map(({ id }) => id)).toEqual([young.id]);
  await vi.waitFor(
    async () => {
      await wall.rebuildTimes(1);
      for (const id of [gone.id, old.id])
        expect(await wall.stored(id)).toMatchObject({ removed: true });
    },
    { timeout: 10_000, interval: 100 },
  );
  expect((await wall.moderation()).audit).toMatchObject([
    { deed: "remove", reason: "removed in the imported wall, 2 messages" },
  ]);
  expect(await importInto(wall, [], [gone.id, old.id])).toMatchObject({
    removed: 0,
    remembered: 0,
  });
});

test("one request with a removal and its message never stores the message", async () => {
  const wall = newWall();
  const comment = toComment(commentAt(Date.now() - HOUR_MS, 1));
  const body = { comments: [comment], removed: [comment.id] };
  expect(expectValue(await newIsolate(wall).service.admin.importComments(ADMIN, body))).toEqual({
    added: 0,
    known: 1,
    removed: 0,
    remembered: 1,
  });
  expect(await wall.newest()).toEqual([]);
  if (LEDGER === "kv") {
    const stored = await env.LEDGER_KV.get(keyOf(wall.name, comment.id), "json");
    expect(isStoredComment(stored as never)).toBe(false);
  }
});

test("a removal from the future is refused, with its index", async () => {
  const ahead = commentAt(Date.now() + HOUR_MS, 1).id;
  const wall = newWall();
  const body = { comments: [], removed: [ahead] };
  expect(await newIsolate(wall).service.admin.importComments(ADMIN, body)).toMatchObject({
    problem: { status: 400, errors: [{ pointer: "/removed/0" }] },
  });
});

test("the removals since a cursor are listed in their order, and survive a restart", async () => {
  const wall = newWall();
  const comments = [];
  for (const text of ["one", "two", "three"]) comments.push(await wall.post({ text }));
  const [one, two, three] = comments.map(({ id }) => id) as [string, string, string];
  await wall.remove(three);
  const { cursor, removed, at } = await removalsSince(wall);
  expect(removed).toEqual([]);
  expect(Math.abs(at - Date.now())).toBeLessThan(60_000);
  await wall.remove(two);
  await wall.remove(one);
  await wall.evict();
  const since = await removalsSince(wall, cursor);
  expect(since).toMatchObject({ removed: [two, one] });
  expect(since).not.toHaveProperty("gap");
  expect(since).not.toHaveProperty("older");
  expect((await removalsSince(wall, since.cursor)).removed).toEqual([]);
});

test("an export can't continue one of a lost store, or one before an import", async () => {
  const wall = newWall();
  await wall.post({ text: "one" });
  const { cursor } = await removalsSince(wall);
  const old = toComment(commentAt(Date.now() - HOUR_MS, 1));
  await importInto(wall, [old]);
  const since = await removalsSince(wall, cursor);
  expect(since).toMatchObject({ older: true });
  expect(await removalsSince(wall, since.cursor)).not.toHaveProperty("older");
  // Once more, which changes nothing.
  await importInto(wall, [old]);
  expect(await removalsSince(wall, since.cursor)).not.toHaveProperty("older");
  expect(await removalsSince(wall, "othrstor.1")).toMatchObject({ gap: true, removed: [] });
});

test("only the newest removals are kept, and an older cursor is told so", async () => {
  const wall = newWall();
  await wall.newest();
  await wall.inObject((_object, { storage }) => {
    const log = new RemovalLog(storage, new Operations(), 10);
    const { id } = commentAt(1, 1);
    for (let sequence = 1; sequence <= 12; sequence += 1)
      log.follow([{ record: { id, removed: true, sequence } }]);
    const newest = { store: "teststor", sequence: 12 };
    const from = (sequence: number) => log.since(newest, { store: "teststor", sequence });
    expect(from(1)).toMatchObject({ gap: true });
    expect(from(2).removed).toHaveLength(10);
    expect(from(11).removed).toHaveLength(1);
  });
});

test("an undone removal is not listed, and an export made before the undo can't be continued", async () => {
  const wall = newWall();
  await wall.newest();
  await wall.inObject((_object, { storage }) => {
    const log = new RemovalLog(storage, new Operations());
    const [back, gone] = [commentAt(1_000, 1), commentAt(2_000, 2)];
    log.follow([{ record: { id: back.id, removed: true, sequence: 5 }, unwritten: true }]);
    log.follow([{ record: { id: gone.id, removed: true, sequence: 6 }, unwritten: true }]);
    log.follow([{ record: { ...back, sequence: 8 }, undone: true }]);
    log.follow([{ record: { ...commentAt(3_000, 3), sequence: 9 }, unwritten: true }]);
    const from = (sequence: number, end?: number) =>
      log.since({ store: "teststor", sequence: 9 }, { store: "teststor", sequence }, end);
    expect(from(4)).toMatchObject({ removed: [gone.id], older: true });
    expect(from(7)).toMatchObject({ removed: [], older: true });
    expect(from(8)).toEqual({ removed: [], cursor: "teststor.9" });
    // An export that ended before the removal has the message.
    expect(from(3, 4)).toEqual({ removed: [gone.id], cursor: "teststor.9" });
    expect(from(3, 5)).toMatchObject({ older: true });
  });
});

test("an export after an undo has the message, and one from before it can't be continued", async () => {
  const wall = newWall();
  const { service } = newIsolate(wall);
  const { id } = await wall.post({ text: "back again" });
  const before = expectValue(await service.removals(ADMIN));
  await wall.remove(id);
  const between = expectValue(
    await service.removals(ADMIN, parseCursor(before.cursor) ?? undefined),
  );
  expect(between).toMatchObject({ removed: [id] });
  await wall.undo();
  const after = await service.removals(ADMIN, parseCursor(before.cursor) ?? undefined);
  expect(expectValue(after)).toMatchObject({ removed: [], older: true });
});

onKv("an export has an undone message whose key still says that it is removed", async () => {
  const wall = newWall();
  const timestamp = Date.now() - 30 * 24 * HOUR_MS;
  const old = await wall.store({ timestamp, suffix: suffix(2), text: "back again" });
  const { service } = newIsolate(wall);
  const page = async () => {
    const before = { id: "9999999999999-0000000000" };
    const { body } = expectValue(await service.exportPage(ADMIN, { before, limit: 100 }));
    const { comments, removed } = JSON.parse(new TextDecoder().decode(body));
    return { ids: comments.map(({ id }: { id: string }) => id), removed };
  };
  await wall.newest();
  await wall.remove(old.id);
  await vi.waitFor(async () => {
    await wall.rebuildTimes(1);
    expect(await wall.stored(old.id)).toMatchObject({ removed: true });
  }, 10_000);
  const tombstone = await env.LEDGER_KV.get(keyOf(wall.name, old.id));
  await wall.undo();
  // As an edge of KV answers for a minute after the undo.
  await env.LEDGER_KV.put(keyOf(wall.name, old.id), tombstone ?? "");
  expect(await page()).toEqual({ ids: [old.id], removed: [] });
});

test("exports and lists of removals need the admin token", async () => {
  const wall = newWall();
  const { service } = newIsolate(wall);
  const before = { id: "9999999999999-0000000000" };
  for (const [caller, status] of [
    [NOBODY, 401],
    [{ token: "x".repeat(30) }, 401],
    [BOT, 403],
  ] as const) {
    const refused = { problem: { status } };
    expect(await service.exportPage(caller, { before, limit: 1 })).toMatchObject(refused);
    expect(await service.removals(caller)).toMatchObject(refused);
  }
});

test("history tells nobody else what was removed", async () => {
  const wall = newWall();
  const { id } = await wall.post({ text: "gone" });
  await wall.remove(id);
  expect((await wall.history("9999999999999-0000000000")).removed).toEqual([]);
});
