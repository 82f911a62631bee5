import { expect, test, vi } from "vitest";
import type { Comment } from "#schema/comment";
import { makeId, suffixOf } from "#schema/id";
import { Operations } from "#worker/platform/operations";
import { Senders } from "#worker/writer/moderation/senders";
import { newIsolate } from "../isolate";
import { openWriter } from "../open-writer";
import {
  ADMIN,
  ALICE,
  BOT,
  commentAt,
  expectValue,
  LEDGER,
  NOBODY,
  newWall,
  onKv,
  sendersOf,
  suffix,
  type Wall,
} from "../wall";

const TEXT = "my address is 1 Example Street";
const SETTLED = { timeout: 10_000, interval: 100 };

/** All contents of the object's storage as one text. */
const storedTexts = (wall: Wall) =>
  wall.inObject((_object, { storage }) =>
    ["journal_0", "journal_1", "audit"]
      .map((table) => JSON.stringify(storage.sql.exec(`SELECT * FROM ${table}`).toArray()))
      .join(),
  );

test("a removed comment disappears from every answer at once, is reported as removed, and stays gone", async () => {
  const wall = newWall();
  const stays = await wall.post({ text: "stays" });
  const { id } = await wall.post({ text: TEXT, nonce: "removed-1" });
  await vi.waitFor(async () => expect((await wall.read()).comments).toHaveLength(2), SETTLED);
  const { cursor } = await wall.read();
  await wall.remove(id);
  await wall.remove(id);
  expect((await wall.newest()).map((comment) => comment.id)).toEqual([stays.id]);
  expect((await wall.pending()).map((comment) => comment.id)).toEqual([stays.id]);
  expect(await wall.find(id)).toMatchObject({ ok: false, problem: { status: 404 } });
  expect(await wall.tryPatch(id, { botParams: { processed: true } })).toMatchObject({
    problem: { status: 404 },
  });
  expect(await wall.claim(id, "a bot")).toMatchObject({ problem: { status: 404 } });
  const past = await wall.history(makeId(Date.now() + 1_000, suffix(0)));
  expect(past.comments.map((comment) => comment.id)).toEqual([stays.id]);
  await vi.waitFor(
    async () => expect(await wall.read({ since: cursor })).toMatchObject({ removed: [id] }),
    SETTLED,
  );
  await wall.evict();
  await wall.rebuildTimes(1);
  expect((await wall.newest()).map((comment) => comment.id)).toEqual([stays.id]);
});

test("a removal that can't erase the text changes nothing, and succeeds when it is repeated", async () => {
  const wall = newWall();
  const { id } = await wall.post({ text: TEXT });
  // The journal has its text on either ledger.
  await wall.patch(id);
  const disk = (change: string) =>
    wall.inObject((_object, { storage }) => {
      for (const n of [0, 1]) storage.sql.exec(change.replaceAll("#", String(n)));
    });
  await disk(
    "CREATE TRIGGER full_# BEFORE UPDATE ON journal_# BEGIN SELECT RAISE(ABORT, 'full'); END",
  );
  await expect(wall.remove(id)).rejects.toThrow("503");
  expect((await wall.newest()).map((comment) => comment.id)).toEqual([id]);
  await disk("DROP TRIGGER full_#");
  await wall.remove(id);
  expect(await storedTexts(wall)).not.toContain(TEXT);
});

test("a removed comment's text is nowhere in storage, nor in a delta", async () => {
  const wall = newWall();
  const first = await wall.read();
  const { id } = await wall.post({ text: TEXT });
  await vi.waitFor(async () => expect(await wall.newest()).toHaveLength(1), SETTLED);
  await wall.patch(id);
  expect(await storedTexts(wall)).toContain(TEXT);
  await wall.remove(id, "an address");
  expect(await storedTexts(wall)).not.toContain(TEXT);
  expect(await wall.writer().sync(undefined)).not.toContain(TEXT);
  const [store = "", sequence] = first.cursor.split(".");
  const since = { store, sequence: Number(sequence) };
  expect(await wall.writer().sync(since)).not.toContain(TEXT);
  await vi.waitFor(async () => {
    await wall.rebuildTimes(1);
    expect(await wall.stored(id)).toEqual({ id, removed: true, sequence: expect.any(Number) });
  }, SETTLED);
});

onKv("its key is written a second time, to overwrite a late put", async () => {
  const wall = newWall();
  const comment = await wall.store({
    timestamp: Date.now() - 60_000,
    suffix: suffix(1),
    text: TEXT,
  });
  await wall.inObject(async (_object, state) => {
    let ahead = 0;
    const rebuilder = openWriter(wall, state, { now: () => Date.now() + ahead });
    await rebuilder.rebuild();
    expect(await rebuilder.remove(comment.id)).toEqual({ state: "removed" });
    const written = async () => {
      ahead += 2_000;
      await rebuilder.rebuild();
      expect(await wall.stored(comment.id)).toMatchObject({ removed: true });
    };
    await vi.waitFor(written, SETTLED);
    await wall.store({ timestamp: comment.timestamp, suffix: suffix(1), text: TEXT });
    await rebuilder.rebuild();
    expect(await wall.stored(comment.id)).toMatchObject({ text: TEXT });
    expect(await rebuilder.find(comment.id)).toEqual({ state: "gone" });
    ahead += 3 * 60_000;
    await vi.waitFor(written, SETTLED);
  });
});

onKv("the keys alone keep it removed after the object's storage is lost", async () => {
  const wall = newWall();
  const { id } = await wall.post({ text: TEXT, nonce: "removed-2" });
  await wall.remove(id);
  const overwritten = async () => {
    await wall.rebuildTimes(1);
    expect(await wall.stored(id)).toMatchObject({ removed: true });
  };
  await vi.waitFor(overwritten, SETTLED);
  await wall.inObject((_object, state) => state.storage.deleteAll());
  await wall.evict();
  expect(await wall.newest()).toEqual([]);
  await wall.remove(id);
  // Another copy of the message appears.
  await wall.store({ timestamp: Date.now(), suffix: suffixOf(id), nonce: "removed-2", text: TEXT });
  await wall.rebuildTimes(1);
  expect(await wall.newest()).toEqual([]);
});

onKv.each([-5_000, 5_000])(
  "a copy made %i ms apart does not appear in its place",
  async (apart) => {
    const wall = newWall();
    const { id, timestamp } = await wall.post({ text: TEXT, nonce: "removed-3" });
    await vi.waitFor(async () => expect(await wall.newest()).toHaveLength(1), SETTLED);
    await wall.remove(id);
    const copy = await wall.store({
      timestamp: timestamp + apart,
      suffix: suffixOf(id),
      nonce: "removed-3",
      text: TEXT,
    });
    await wall.rebuildTimes(1);
    expect(await wall.newest()).toEqual([]);
    expect(await wall.find(copy.id)).toMatchObject({ problem: { status: 404 } });
    const overwritten = async () => {
      await wall.rebuildTimes(1);
      expect(JSON.stringify(await wall.stored(copy.id))).not.toContain(TEXT);
    };
    await vi.waitFor(overwritten, SETTLED);
  },
);

onKv("an old comment is removed from history too", async () => {
  const wall = newWall();
  const timestamp = Date.now() - 30 * 86_400_000;
  const [old, older] = [
    await wall.store({ timestamp, suffix: suffix(2) }),
    await wall.store({ timestamp: timestamp - 1, suffix: suffix(1) }),
  ];
  await wall.inObject(async (_object, state) => {
    const rebuilder = openWriter(wall, state, { now: Date.now });
    expect(await rebuilder.remove(old.id)).toEqual({ state: "removed" });
  });
  await wall.evict();
  const { comments } = await wall.history(makeId(timestamp + 1, suffix(1)));
  expect(comments.map(({ id }) => id)).toEqual([older.id]);
});

test("a bot that resends a removed answer gets a success, and the answer stays removed", async () => {
  const wall = newWall();
  const draft = { text: "an answer", type: "bot", nonce: "answer-0001" };
  const { id } = await wall.post(draft, BOT);
  await wall.remove(id);
  expect((await wall.post(draft, BOT)).id).toBe(id);
  expect(await wall.newest()).toEqual([]);
});

test("all messages of one sender's day are removed at once, and no others", async () => {
  const wall = newWall();
  const rude = { address: "192.0.2.66" };
  const own: Comment[] = [];
  for (let n = 0; n < 3; n += 1) own.push(await wall.post({ text: `${TEXT} ${n}` }, rude));
  const other = await wall.post({ text: "stays" });
  await vi.waitFor(async () => expect(await wall.newest()).toHaveLength(4), SETTLED);
  await wall.remove(own[0]?.id ?? "");
  const asked = own[1]?.id ?? "";
  expect(await wall.removeSender(asked, BOT)).toMatchObject({ problem: { status: 403 } });
  await vi.waitFor(
    async () =>
      expect(await wall.removeSender(asked)).toEqual({
        ok: true,
        value: { removed: 2, done: true },
      }),
    SETTLED,
  );
  expect(await wall.removeSender(asked)).toEqual({ ok: true, value: { removed: 0, done: true } });
  expect((await wall.newest()).map(({ id }) => id)).toEqual([other.id]);
  expect(await storedTexts(wall)).not.toContain(TEXT);
  const overwritten = async () => {
    await wall.rebuildTimes(1);
    for (const { id } of own) expect(await wall.stored(id)).toMatchObject({ removed: true });
  };
  await vi.waitFor(overwritten, SETTLED);
  const { audit } = await wall.moderation();
  expect(audit[0]).toMatchObject({
    deed: "remove_sender",
    target: await sendersOf(wall, (senders) => senders.senderOf(asked)),
  });
  expect(await wall.removeSender(makeId(Date.now(), suffix(1)))).toMatchObject({
    problem: { status: 404 },
  });
});

onKv(
  "a sender's removal reaches a message of which only a copy is recorded, hours after the copy was merged",
  async () => {
    const wall = newWall();
    const at = Date.now() - 60_000;
    const first = { ...commentAt(at, 1), nonce: "removed-4" };
    const copy = { ...first, id: makeId(at + 5_000, suffix(1)), timestamp: at + 5_000 };
    await wall.inObject(async (_object, state) => {
      let ahead = 0;
      const rebuilder = openWriter(wall, state, { now: () => Date.now() + ahead });
      await rebuilder.rebuild();
      for (const comment of [first, copy]) {
        rebuilder.notice(comment);
        await rebuilder.sync();
      }
      await vi.waitFor(async () => {
        ahead += 2_000;
        await rebuilder.rebuild();
        expect(await wall.stored(copy.id)).toMatchObject({ mergedInto: first.id });
      }, SETTLED);
      // The mark of the merge expires.
      for (let hour = 0; hour < 3; hour += 1) {
        ahead += 60 * 60_000;
        await rebuilder.rebuild();
      }
      expect((await rebuilder.sync()).window).toMatchObject([{ id: first.id }]);
      await rebuilder.removals.removeSome([copy.id], { sender: "" });
      expect((await rebuilder.sync()).window).toEqual([]);
    });
  },
);

onKv.each(["before", "after"])(
  "a message is its sender's when only a copy was noticed, %s the merge, also days later",
  async (when) => {
    const wall = newWall();
    const network = "192.0.2.68";
    const at = Date.now() - 60_000;
    const first = { ...commentAt(at, 1), nonce: "removed-5" };
    const copy = { ...first, id: makeId(at + 5_000, suffix(1)), timestamp: at + 5_000 };
    const writer = wall.writer();
    if (when === "before") await writer.notice(copy, network);
    // Found in a list: its notice, and so its network, was lost.
    await writer.notice(first);
    if (when === "after") {
      await writer.notice(copy);
      await writer.sync();
      await writer.notice(copy, network);
    }
    await writer.sync();
    await wall.inObject((_object, state) => {
      const senders = new Senders(state.storage, new Operations());
      expect(senders.senderOf(first.id)).toBeNull();
    });
    await wall.watch();
    await wall.inObject((_object, state) => {
      const senders = new Senders(state.storage, new Operations());
      expect(senders.senderOf(first.id)).toBe(senders.senderOf(copy.id));
      expect(senders.senderOf(first.id)).not.toBeNull();
    });
  },
);

test("a flood is removed in steps, with other requests answered in between, and the removal continues after a restart", async () => {
  const wall = newWall();
  await wall.status();
  const network = "192.0.2.67";
  const start = Date.now() - 60_000;
  const flood: string[] = [];
  const send = async (n: number, from: string) => {
    const comment = { ...commentAt(start + n, n), text: n < 600 ? `${TEXT} ${n}` : "stays" };
    if (LEDGER === "kv") await wall.writer().notice(comment, from);
    const accepted = LEDGER === "sqlite" && (await wall.writer().append(comment, from));
    return accepted ? (accepted.comment?.id ?? "") : comment.id;
  };
  for (let n = 0; n < 600; n += 100)
    flood.push(...(await Promise.all(Array.from({ length: 100 }, (_, k) => send(n + k, network)))));
  const stays = await send(600, "192.0.2.68");
  const { operations: before } = await wall.status();
  const begun = wall.removeSender(flood[0] ?? "").catch(() => null);
  // Asked without a pause, so that an answer comes between two steps.
  let underWay = 0;
  while (underWay === 0) underWay = (await wall.moderation()).removing?.[0]?.removed ?? 0;
  expect(underWay).toBeLessThan(600);
  const { operations } = await wall.status();
  expect((operations.removeSender ?? 0) - (before.removeSender ?? 0)).toBe(1);
  await wall.evict();
  await begun;
  await wall.watch();
  await vi.waitFor(async () => {
    const { removing } = await wall.moderation();
    expect(removing).toBeUndefined();
  }, SETTLED);
  expect((await wall.newest()).map(({ id }) => id)).toEqual([stays]);
  expect(await storedTexts(wall)).not.toContain(TEXT);
  expect(await wall.removeSender(flood[9] ?? "")).toEqual({
    ok: true,
    value: { removed: 0, done: true },
  });
  const { audit } = await wall.moderation();
  expect(audit.filter(({ deed }) => deed === "remove_sender")).toHaveLength(1);
});

test("an unknown id returns 503 while it is recent, and 404 later", async () => {
  const wall = newWall();
  const young = await wall.tryRemove(makeId(Date.now() - 9 * 60_000, suffix(1)));
  expect(young).toMatchObject({ ok: false, problem: { status: 503 }, retryAfterSeconds: 1 });
  const old = await wall.tryRemove(makeId(Date.now() - 11 * 60_000, suffix(1)));
  expect(old).toMatchObject({ ok: false, problem: { status: 404 } });
  expect(await wall.tryRemove("nonsense")).toMatchObject({ problem: { status: 404 } });
});

test.each([
  ["no token", NOBODY, 401],
  ["a wrong token", { token: "not-a-token-that-anyone-has" }, 401],
  ["the bot's token", BOT, 403],
])("with %s, moderation is rejected", async (_name, caller, status) => {
  const wall = newWall();
  const { id } = await wall.post({ text: "Hello" });
  const refused = { ok: false, problem: { status } };
  expect(await wall.tryRemove(id, {}, caller)).toMatchObject(refused);
  expect(await wall.tryPause({ paused: true }, caller)).toMatchObject(refused);
  expect(await wall.tryModeration(caller)).toMatchObject(refused);
  expect(await wall.find(id)).toMatchObject({ ok: true });
});

onKv("without the rebuilder nothing can be removed, and earlier removals stay 404", async () => {
  const wall = newWall();
  const isolate = newIsolate(wall);
  const { id } = await wall.post({ text: "Hello" });
  await wall.remove(id);
  const overwritten = async () => {
    await wall.rebuildTimes(1);
    expect(await wall.stored(id)).toMatchObject({ removed: true });
  };
  await vi.waitFor(overwritten, SETTLED);
  isolate.away = true;
  const refused = { ok: false, problem: { status: 503 }, retryAfterSeconds: 1 };
  expect(await isolate.service.remove(ADMIN, id)).toMatchObject(refused);
  expect(await isolate.service.find(id)).toMatchObject({ problem: { status: 404 } });
});

test("the audit log shows each action that changed something, with time and reason, across a restart", async () => {
  const wall = newWall();
  const before = Date.now();
  const { id } = await wall.post({ text: TEXT });
  await wall.remove(id, "an address");
  await wall.remove(id, "again");
  await wall.pause(true);
  await wall.pause(true);
  await wall.evict();
  await wall.pause(false, "calm again");
  const { paused, audit } = await wall.moderation();
  expect(paused).toBe(false);
  expect(audit).toEqual([
    { id: 3, deed: "unpause", at: expect.any(Number), reason: "calm again" },
    { id: 2, deed: "pause", at: expect.any(Number) },
    { id: 1, deed: "remove", at: expect.any(Number), target: id, reason: "an address" },
  ]);
  expect(audit.every(({ at }) => at >= before && at <= Date.now())).toBe(true);
  expect(JSON.stringify(audit)).not.toContain(ADMIN.token);
});

test("the audit log shows the name of the token that an action came with", async () => {
  const wall = newWall();
  const { id } = await wall.post({ text: TEXT });
  expect(await wall.tryRemove(id, {}, ALICE)).toMatchObject({ ok: true });
  const [entry] = (await wall.moderation()).audit;
  expect(await wall.tryUndo(entry?.id ?? 0, ALICE)).toMatchObject({ ok: true });
  expect(await wall.tryPause({ paused: true }, ALICE)).toMatchObject({ ok: true });
  expect(await wall.tryPause({ paused: false })).toMatchObject({ ok: true });
  await wall.report(id);
  expect(await wall.dismiss(id, ALICE)).toMatchObject({ ok: true });
  await wall.evict();
  const { audit } = await wall.moderation();
  expect(audit.map(({ deed, by }) => [deed, by])).toEqual([
    ["dismiss", "alice"],
    ["unpause", undefined],
    ["pause", "alice"],
    ["undo", "alice"],
    ["remove", "alice"],
  ]);
});

test("an invalid reason or pause is rejected with its pointer", async () => {
  const wall = newWall();
  const { id } = await wall.post({ text: "Hello" });
  const tooLong = await wall.tryRemove(id, { reason: "x".repeat(201) });
  expect(tooLong).toMatchObject({ problem: { status: 400, errors: [{ pointer: "/reason" }] } });
  expect(await wall.tryPause({ paused: "yes" })).toMatchObject({
    problem: { status: 400, errors: [{ pointer: "/paused" }] },
  });
});

/**
 * An isolate that accepted a message and missed its removal, and a stranger's post with the same
 * nonce.
 */
async function removedElsewhere() {
  const wall = newWall();
  const isolate = newIsolate(wall);
  const mine = { text: TEXT, nonce: "a-public-nonce" };
  const { comment } = expectValue(await isolate.service.post(NOBODY, mine));
  await isolate.settled();
  // Without a read in between, this isolate doesn't learn of the removal.
  await wall.remove(comment.id);
  isolate.advance(2_000);
  return { wall, isolate, theirs: { text: "what was this?", nonce: mine.nonce } };
}

test("a stranger who reuses a removed message's nonce doesn't get that message, whichever isolate accepted it", async () => {
  const { wall, isolate, theirs } = await removedElsewhere();
  const answer = expectValue(await isolate.service.post(NOBODY, theirs));
  expect(answer.comment.text).toBe(theirs.text);
  expect(await wall.newest()).toEqual([]);
});

test("an isolate that can't check for a removal doesn't return a message by its nonce", async () => {
  const { isolate, theirs } = await removedElsewhere();
  isolate.away = true;
  expect(JSON.stringify(await isolate.service.post(NOBODY, theirs))).not.toContain(TEXT);
});
