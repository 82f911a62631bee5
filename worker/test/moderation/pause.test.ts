import { expect, test, vi } from "vitest";
import type { StoredComment } from "#schema/comment";
import { newIsolate } from "../isolate";
import { BOT, commentAt, LEDGER, NOBODY, newWall } from "../wall";

const SETTLED = { timeout: 10_000, interval: 100 };
const REFUSED = {
  ok: false,
  problem: { status: 503, code: "posting_paused" },
  retryAfterSeconds: 10,
};

test("while posting is paused, posts are rejected, reads work, and the pause survives a restart", async () => {
  const wall = newWall();
  const { id } = await wall.post({ text: "before" });
  expect(await wall.pause(true)).toEqual({ paused: true });
  await wall.evict();
  // A new isolate asks for the pause before accepting a message.
  const isolate = newIsolate(wall);
  expect(await isolate.service.post(NOBODY, { text: "meanwhile" })).toMatchObject(REFUSED);
  const bots = { text: "meanwhile", type: "bot", nonce: "bot-nonce-1" };
  expect(await isolate.service.post(BOT, bots)).toMatchObject(REFUSED);
  await vi.waitFor(
    async () => expect((await isolate.read()).comments).toMatchObject([{ id }]),
    SETTLED,
  );
  await wall.pause(false);
  isolate.advance(1_500);
  await isolate.read();
  expect(await isolate.service.post(NOBODY, { text: "after" })).toMatchObject({ ok: true });
});

test("resending a message stored before the pause returns the stored comment", async () => {
  const wall = newWall();
  const isolate = newIsolate(wall);
  const draft = { text: "before", nonce: "sent-before" };
  const first = await isolate.service.post(NOBODY, draft);
  await wall.pause(true);
  isolate.advance(20_000);
  expect(await isolate.service.post(NOBODY, draft)).toMatchObject({
    ok: true,
    value: { created: false, comment: first.ok && first.value.comment },
  });
});

test("the single writer rejects messages while posting is paused, whichever instance sends them", async () => {
  const wall = newWall();
  const comment = { ...commentAt(Date.now(), 1), type: "bot" as const, nonce: "sent-before" };
  const send = (sent: StoredComment) =>
    LEDGER === "sqlite" ? wall.writer().append(sent) : wall.writer().accept(sent);
  const before = await send(comment);
  await wall.pause(true);
  expect(await send({ ...commentAt(Date.now(), 2), nonce: "sent-later" })).toEqual({
    isPaused: true,
  });
  expect((await send(comment))?.comment?.id).toBe(before?.comment?.id);
  expect(await wall.newest()).toHaveLength(1);
  // An isolate that doesn't know of the pause yet.
  const unaware = newIsolate(wall);
  unaware.isUnawareOfPause = true;
  const bots = { text: "meanwhile", type: "bot", nonce: "bot-nonce-2" };
  expect(await unaware.service.post(BOT, bots)).toMatchObject(REFUSED);
});

test("without the rebuilder, the published snapshot keeps the pause", async () => {
  const wall = newWall();
  await wall.post({ text: "before" });
  await wall.pause(true);
  await wall.rebuildTimes(1);
  const isolate = newIsolate(wall);
  isolate.away = true;
  await vi.waitFor(async () => {
    isolate.advance(11_000);
    await wall.rebuildTimes(1);
    expect(await isolate.service.post(NOBODY, { text: "meanwhile" })).toMatchObject(REFUSED);
  }, SETTLED);
});
