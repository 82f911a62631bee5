/** An admin's removals are undone for 10 minutes; then the text is erased everywhere. */
import { createHash } from "node:crypto";
import { expect, test, vi } from "vitest";
import type { Comment } from "#schema/comment";
import { makeId } from "#schema/id";
import { UNDO_MS } from "#schema/limits";
import { Operations } from "#worker/platform/operations";
import { KEPT_CHARACTERS_MAX, KeptMessages } from "#worker/writer/moderation/kept";
import { RESTORED_UNWRITTEN_MAX } from "#worker/writer/moderation/removals";
import { openWriter } from "../open-writer";
import { tablesWith } from "../refusing-disk";
import { ADMIN, BOT, commentAt, LEDGER, NOBODY, newWall, onKv, suffix, type Wall } from "../wall";

const TEXT = "my address is 1 Example Street";
const SETTLED = { timeout: 10_000, interval: 100 };

/** Lets the time for an undo run out, and restarts the object. */
const letExpire = async (wall: Wall) => {
  await wall.inObject((_object, { storage }) =>
    storage.sql.exec("UPDATE kept_removals SET until = 1").toArray(),
  );
  await wall.evict();
};

const texts = async (wall: Wall) => (await wall.newest()).map(({ text }) => text);

test("an undone removal brings the message back as a change, with its flag, its secret and in the queue", async () => {
  const wall = newWall();
  const secret = "the author's secret, which is long enough";
  const secretHash = createHash("sha256").update(secret).digest("base64url");
  const other = await wall.post({ text: "stays" });
  const message = await wall.post({ text: TEXT, nonce: "undone-01", secretHash });
  await vi.waitFor(async () => expect((await wall.read()).comments).toHaveLength(2), SETTLED);
  await wall.remove(message.id);
  const { cursor } = await wall.read();
  await vi.waitFor(
    async () => expect((await wall.read()).comments).toMatchObject([{ id: other.id }]),
    SETTLED,
  );
  expect(await wall.undo()).toEqual({ restored: 1, done: true });
  expect(await texts(wall)).toEqual([TEXT, "stays"]);
  await vi.waitFor(async () => {
    const { comments } = await wall.read({ since: cursor });
    expect(comments).toEqual([message]);
  }, SETTLED);
  expect(await wall.find(message.id)).toMatchObject({ ok: true, value: { text: TEXT } });
  expect(await wall.pending()).toHaveLength(2);
  const past = await wall.history(makeId(Date.now() + 1_000, suffix(0)));
  expect(past.comments).toHaveLength(2);
  // A retry is the same message, and no other one takes its place.
  expect((await wall.post({ text: TEXT, nonce: "undone-01" })).id).toBe(message.id);
  await vi.waitFor(async () => {
    await wall.rebuildTimes(1);
    expect(await wall.stored(message.id)).toMatchObject({ text: TEXT });
  }, SETTLED);
  await wall.evict();
  await wall.rebuildTimes(1);
  expect(await texts(wall)).toEqual([TEXT, "stays"]);
  expect(await wall.tryRemove(message.id, { secret }, NOBODY)).toMatchObject({ ok: true });
  expect(await texts(wall)).toEqual(["stays"]);
  expect(await tablesWith(wall, TEXT)).toEqual([]);
});

test("until the undo ends only one table has the text, and nothing has it afterwards", async () => {
  const wall = newWall();
  const { id } = await wall.post({ text: TEXT });
  await vi.waitFor(async () => expect(await wall.newest()).toHaveLength(1), SETTLED);
  await wall.patch(id);
  await wall.remove(id);
  expect(await tablesWith(wall, TEXT)).toEqual(["kept_messages"]);
  const { undo = [], audit } = await wall.moderation();
  expect(undo).toEqual([{ id: audit[0]?.id, until: expect.any(Number), count: 1 }]);
  expect(Math.abs((undo[0]?.until ?? 0) - Date.now() - UNDO_MS)).toBeLessThan(60_000);
  await letExpire(wall);
  // The cron, which runs on an idle wall too.
  await wall.watch();
  expect(await tablesWith(wall, TEXT)).toEqual([]);
  expect((await wall.moderation()).undo).toBeUndefined();
  expect(await wall.tryUndo(undo[0]?.id ?? 0)).toMatchObject({ problem: { status: 404 } });
  const overwritten = async () => {
    await wall.rebuildTimes(1);
    expect(await wall.stored(id)).toMatchObject({ removed: true });
  };
  await vi.waitFor(overwritten, SETTLED);
  expect(await texts(wall)).toEqual([]);
});

test("any call erases the text when the time is over", async () => {
  const wall = newWall();
  const { id } = await wall.post({ text: TEXT });
  await wall.remove(id);
  await letExpire(wall);
  await wall.status();
  expect(await tablesWith(wall, TEXT)).toEqual([]);
});

test("a removal that the disk refuses keeps no text for an undo, and the next one keeps the message as it is then", async () => {
  const wall = newWall();
  const { id } = await wall.post({ text: TEXT });
  const disk = (sql: string) =>
    wall.inObject((_object, { storage }) => storage.sql.exec(sql).toArray());
  await disk(
    "CREATE TRIGGER full BEFORE INSERT ON kept_removals BEGIN SELECT RAISE(ABORT, 'full'); END",
  );
  expect(await wall.tryRemove(id)).toMatchObject({ ok: false, problem: { status: 503 } });
  expect(await disk("SELECT * FROM kept_messages")).toEqual([]);
  await disk("DROP TRIGGER full");
  await wall.patch(id);
  await wall.remove(id);
  await wall.undo();
  expect(await wall.find(id)).toMatchObject({ value: { botParams: { processed: true } } });
});

test("an undo works after a restart, once, and a removal after it can be undone again", async () => {
  const wall = newWall();
  const { id } = await wall.post({ text: TEXT });
  for (const round of [1, 2]) {
    await wall.remove(id);
    await wall.evict();
    expect(await wall.undo()).toEqual({ restored: 1, done: true });
    expect(await texts(wall)).toEqual([TEXT]);
    await wall.evict();
    expect(await texts(wall)).toEqual([TEXT]);
    const { audit } = await wall.moderation();
    expect(audit.filter(({ deed }) => deed === "undo")).toHaveLength(round);
    expect(audit[0]).toMatchObject({ deed: "undo", target: id });
    const removal = audit.find(({ deed }) => deed === "remove");
    expect(await wall.tryUndo(removal?.id ?? 0)).toMatchObject({ problem: { status: 404 } });
  }
});

test("a repeated removal does not change what the first one's undo brings back", async () => {
  const wall = newWall();
  const rude = { address: "192.0.2.71" };
  const [first, second] = [
    await wall.post({ text: `${TEXT} 1` }, rude),
    await wall.post({ text: `${TEXT} 2` }, rude),
  ];
  await vi.waitFor(async () => expect(await wall.newest()).toHaveLength(2), SETTLED);
  await wall.remove(first.id);
  await wall.remove(first.id);
  await vi.waitFor(
    async () =>
      expect(await wall.removeSender(second.id)).toEqual({
        ok: true,
        value: { removed: 1, done: true },
      }),
    SETTLED,
  );
  expect((await wall.moderation()).undo).toHaveLength(2);
  await wall.undo();
  expect(await texts(wall)).toEqual([`${TEXT} 2`]);
  await wall.undo();
  expect(await texts(wall)).toEqual([`${TEXT} 2`, `${TEXT} 1`]);
});

test("a removed flood comes back in steps, also when the object restarts in between", async () => {
  const wall = newWall();
  await wall.status();
  const start = Date.now() - 60_000;
  const ids: string[] = [];
  const send = async (n: number) => {
    const comment = { ...commentAt(start + n, n), text: `flood ${n}` };
    if (LEDGER === "kv") await wall.writer().notice(comment, "192.0.2.72");
    const accepted = LEDGER === "sqlite" && (await wall.writer().append(comment, "192.0.2.72"));
    ids.push(accepted ? (accepted.comment?.id ?? "") : comment.id);
  };
  for (let n = 0; n < 300; n += 1) await send(n);
  expect(await wall.removeSender(ids[0] ?? "")).toMatchObject({ value: { removed: 300 } });
  expect(await texts(wall)).toEqual([]);
  const { undo = [] } = await wall.moderation();
  expect(undo).toMatchObject([{ count: 300 }]);
  const undoing = wall.tryUndo(undo[0]?.id ?? 0).catch(() => null);
  await vi.waitFor(async () => expect(await wall.newest()).not.toEqual([]), SETTLED);
  await wall.evict();
  await undoing;
  await wall.watch();
  await vi.waitFor(async () => expect(await wall.newest()).toHaveLength(300), SETTLED);
  await vi.waitFor(async () => expect((await wall.moderation()).undo).toBeUndefined(), SETTLED);
  expect(await tablesWith(wall, "flood 150")).not.toContain("kept_messages");
});

test("an author who takes down a message that an admin removed erases it: no undo brings it back", async () => {
  const wall = newWall();
  const secret = "the author's secret, which is long enough";
  const secretHash = createHash("sha256").update(secret).digest("base64url");
  const { id } = await wall.post({ text: TEXT, secretHash });
  await wall.remove(id);
  expect(await wall.tryRemove(id, { secret: "a guess" }, NOBODY)).toMatchObject({ ok: true });
  expect(await tablesWith(wall, TEXT)).toEqual(["kept_messages"]);
  expect(await wall.tryRemove(id, { secret }, NOBODY)).toMatchObject({ ok: true });
  expect(await tablesWith(wall, TEXT)).toEqual([]);
  expect((await wall.moderation()).undo).toBeUndefined();
});

test("an author's own removal erases the text at once and can't be undone", async () => {
  const wall = newWall();
  const secret = "the author's secret, which is long enough";
  const secretHash = createHash("sha256").update(secret).digest("base64url");
  const { id } = await wall.post({ text: TEXT, secretHash });
  expect(await wall.tryRemove(id, { secret }, NOBODY)).toMatchObject({ ok: true });
  expect(await tablesWith(wall, TEXT)).toEqual([]);
  expect((await wall.moderation()).undo).toBeUndefined();
});

test("bots' replies go with the message if the admin wants that, and come back with it", async () => {
  const wall = newWall();
  const question = await wall.post({ text: TEXT });
  const reply = { text: `you said: ${TEXT}`, type: "bot", replyTo: question.id };
  const answer = await wall.post(reply, BOT);
  const human = await wall.post({ text: "a person's reply", replyTo: question.id });
  await vi.waitFor(async () => expect(await wall.newest()).toHaveLength(3), SETTLED);
  expect(await wall.previewRemoval(question.id)).toMatchObject({ replies: 1 });
  await wall.remove(question.id);
  expect((await wall.newest()).map(({ id }) => id)).toEqual([human.id, answer.id]);
  await wall.undo();
  expect(await wall.tryRemove(question.id, { replies: true })).toMatchObject({ ok: true });
  expect((await wall.newest()).map(({ id }) => id)).toEqual([human.id]);
  expect(await tablesWith(wall, TEXT)).toEqual(["kept_messages"]);
  expect((await wall.moderation()).undo).toMatchObject([{ count: 2 }]);
  await wall.undo();
  expect((await wall.newest()).map(({ id }) => id)).toEqual([human.id, answer.id, question.id]);
});

test("a preview counts what the sender of a message sent that day, and shows whose they are; it changes nothing", async () => {
  const wall = newWall();
  const club = { address: "192.0.2.73" };
  const posted: Comment[] = [];
  for (const username of ["ada", "ben", "ada"])
    posted.push(await wall.post({ text: `by ${username}`, username }, club));
  const first = posted[0]?.id ?? "";
  await wall.post({ text: "a reply", type: "bot", replyTo: first }, BOT);
  await wall.post({ text: "elsewhere" });
  await vi.waitFor(async () => expect(await wall.newest()).toHaveLength(5), SETTLED);
  const before = await wall.newest();
  await vi.waitFor(
    async () =>
      expect(await wall.previewRemoval(first)).toEqual({
        replies: 1,
        sender: {
          messages: 3,
          isAll: true,
          replies: 1,
          nameCount: 2,
          names: ["ada", "ben"],
          newest: posted.toReversed(),
        },
      }),
    SETTLED,
  );
  expect(await wall.newest()).toEqual(before);
  expect(await wall.removeSender(first, ADMIN, { replies: true })).toEqual({
    ok: true,
    value: { removed: 3, replies: 1, done: true },
  });
  expect(await texts(wall)).toEqual(["elsewhere"]);
  expect(await wall.previewRemoval(first)).toMatchObject({ replies: 0, sender: { messages: 0 } });
  expect(await wall.undo()).toEqual({ restored: 4, done: true });
  expect(await wall.newest()).toEqual(before);
  const unknown = makeId(Date.now(), suffix(1));
  expect(await wall.previewRemoval(unknown)).toEqual({ replies: 0 });
});

test.each([
  ["no token", NOBODY, 401],
  ["the bot's token", BOT, 403],
])("with %s, previews and undos are rejected", async (_name, caller, status) => {
  const wall = newWall();
  const { id } = await wall.post({ text: TEXT });
  await wall.remove(id);
  const refused = { ok: false, problem: { status } };
  expect(await wall.tryPreviewRemoval(id, caller)).toMatchObject(refused);
  const { undo = [] } = await wall.moderation();
  expect(await wall.tryUndo(undo[0]?.id ?? 0, caller)).toMatchObject(refused);
  expect(await wall.tryUndo("1e3")).toMatchObject({ problem: { status: 404 } });
  expect(await wall.tryUndo(1, ADMIN, { why: 1 })).toMatchObject({ problem: { status: 400 } });
});

onKv("a stale or late tombstone in KV does not remove an old message again", async () => {
  const wall = newWall();
  const timestamp = Date.now() - 30 * 86_400_000;
  const old = await wall.store({ timestamp, suffix: suffix(2), text: TEXT });
  await wall.inObject(async (_object, state) => {
    let ahead = 0;
    const writer = openWriter(wall, state, { now: () => Date.now() + ahead });
    await writer.rebuild();
    expect(await writer.remove(old.id)).toEqual({ state: "removed" });
    const stored = async (wanted: object) => {
      ahead += 2_000;
      await writer.rebuild();
      expect(await wall.stored(old.id)).toMatchObject(wanted);
    };
    await vi.waitFor(() => stored({ removed: true }), SETTLED);
    const tombstone = await wall.stored(old.id);
    const [entry] = writer.moderation().audit;
    writer.removals.beginUndo(entry?.id ?? 0);
    expect(writer.removals.restoreSome(entry?.id ?? 0)).toBe(1);
    await vi.waitFor(() => stored({ text: TEXT }), SETTLED);
    // The tombstone's put takes effect only now.
    await wall.store({
      ...(tombstone as object),
      timestamp,
      suffix: suffix(2),
      removed: true,
    } as never);
    expect(await writer.find(old.id)).toMatchObject({ state: "found", comment: { text: TEXT } });
    ahead += 3 * 60_000;
    await vi.waitFor(() => stored({ text: TEXT }), SETTLED);
    expect(await writer.find(old.id)).toMatchObject({ state: "found", comment: { text: TEXT } });
  });
});

test("messages that are removed again while their undo is under way stay removed", async () => {
  const wall = newWall();
  await wall.status();
  await wall.inObject(async (_object, state) => {
    const writer = openWriter(wall, state, { now: () => Date.now() });
    const start = Date.now() - 60_000;
    const ids: string[] = [];
    for (let n = 0; n < 4; n += 1) {
      const comment = commentAt(start + n, n);
      const accepted = LEDGER === "sqlite" ? await writer.append(comment) : null;
      if (!accepted) writer.notice(comment);
      ids.push(accepted?.comment?.id ?? comment.id);
    }
    const [single = "", ...flood] = ids;
    await writer.remove(single);
    const order = { sender: "1.x" };
    const { entry = 0 } = await writer.removals.removeSome(flood, order);
    const [removed] = writer.moderation().audit.filter(({ target }) => target === single);
    writer.removals.beginUndo(removed?.id ?? 0);
    writer.removals.beginUndo(entry);
    // A colleague removes them before the first step.
    expect(await writer.remove(single)).toEqual({ state: "removed" });
    await writer.removals.removeSome(flood, order);
    for (const undone of [removed?.id ?? 0, entry])
      for (let left = 3; writer.removals.restoreSome(undone) !== null; left -= 1)
        expect(left).toBeGreaterThan(0);
    expect((await writer.sync()).window).toEqual([]);
    expect(await writer.find(single)).toMatchObject({ state: "gone" });
  });
});

test("kept messages are bounded: older removals make room, and a huge one is kept in part", async () => {
  const wall = newWall();
  await wall.status();
  await wall.inObject((_object, { storage }) => {
    const kept = new KeptMessages(storage, new Operations());
    const some = (count: number) =>
      Array.from({ length: count }, (_, n) => ({
        ...commentAt(1_000 + n, n),
        text: "x".repeat(900),
      }));
    kept.add(1, some(2), 0);
    kept.add(2, some(3), 0);
    expect(kept.at(0).map(({ id, count }) => [id, count])).toEqual([
      [1, 2],
      [2, 3],
    ]);
    kept.add(3, some(30_000), 0);
    const [huge] = kept.at(0);
    expect(kept.at(0)).toHaveLength(1);
    expect(huge?.characters).toBeLessThanOrEqual(KEPT_CHARACTERS_MAX);
    expect(huge?.count).toBeGreaterThan(10_000);
    // A clock that ran ahead noted the time.
    expect(kept.at(-UNDO_MS)).toEqual([]);
    expect(kept.expire(UNDO_MS)).toBe(true);
    expect(storage.sql.exec("SELECT * FROM kept_messages").toArray()).toEqual([]);
  });
});

onKv(
  "an undo waits while too many keys are unwritten, so that bots can still set flags",
  async () => {
    const wall = newWall();
    await wall.inObject(async (_object, state) => {
      let ahead = 0;
      const writer = openWriter(wall, state, { now: () => Date.now() + ahead });
      await writer.rebuild();
      const start = Date.now() - 60_000;
      const ids: string[] = [];
      const count = RESTORED_UNWRITTEN_MAX + 300;
      for (let n = 0; n < count; n += 1) {
        const comment = commentAt(start + n, n);
        ids.push(comment.id);
        writer.notice(comment);
      }
      const bot = { ...commentAt(start + count, count), type: "bot" as const };
      writer.notice(bot);
      let entry: number | undefined;
      for (let n = 0; n < count; n += 100) {
        const order = { sender: "1.x", ...(entry !== undefined && { entry }) };
        ({ entry } = await writer.removals.removeSome(ids.slice(n, n + 100), order));
      }
      const undone = entry ?? 0;
      writer.removals.beginUndo(undone);
      let restored = 0;
      for (let step = writer.removals.restoreSome(undone); step; ) {
        restored += step;
        step = writer.removals.restoreSome(undone);
      }
      expect(restored).toBeGreaterThan(RESTORED_UNWRITTEN_MAX);
      expect(restored).toBeLessThan(count);
      expect(await writer.patch(bot.id, true)).toMatchObject({ state: "found" });
      // Written, and written again when no late put can follow.
      await vi.waitFor(async () => {
        ahead += 60_000;
        await writer.rebuild();
        restored += writer.removals.restoreSome(undone) ?? 0;
        expect(restored).toBe(count);
      }, SETTLED);
    });
  },
);
