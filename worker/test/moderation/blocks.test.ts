/** A sender is kept out for an hour or a day: the writer itself refuses its posts. */
import { expect, test, vi } from "vitest";
import { makeId } from "#schema/id";
import { BLOCKS_MAX } from "#schema/limits";
import { networkOf } from "#worker/entrypoint/address";
import { newIsolate } from "../isolate";
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

const RUDE = { address: "192.0.2.80" };
const HOUR_MS = 60 * 60 * 1_000;
const DAY_MS = 24 * HOUR_MS;
const SETTLED = { timeout: 10_000, interval: 100 };
const REFUSED = { ok: false, problem: { status: 403, code: "blocked" } };

/** Blocks the sender of a comment, once the wall knows the sender. */
const blockLike = (wall: Wall, id: string, hours = 1) =>
  vi.waitFor(async () => expectValue(await wall.block(id, hours)), SETTLED);

const texts = async (wall: Wall) => (await wall.newest()).map(({ text }) => text);

test("posts of a blocked sender are refused, with the time until when; others can post; an end button ends it", async () => {
  const wall = newWall();
  const { id } = await wall.post({ text: "rude", nonce: "blocked-01" }, RUDE);
  const block = await blockLike(wall, id);
  expect(Math.abs(block.until - Date.now() - HOUR_MS)).toBeLessThan(60_000);
  // An entrypoint learns of the block with its next sync.
  await vi.waitFor(
    async () => {
      await wall.read();
      expect(await wall.tryPost({ text: "again" }, RUDE)).toMatchObject(REFUSED);
    },
    { timeout: 5_000, interval: 600 },
  );
  const refused = await wall.tryPost({ text: "again" }, RUDE);
  const minute = new Date(Math.ceil(block.until / 60_000) * 60_000).toISOString();
  expect(refused.ok || refused.problem.detail).toBe(
    `An admin has blocked posts from your network until ${minute.slice(0, 10)} ${minute.slice(11, 16)} UTC.`,
  );
  // A retry of the message that was accepted before.
  expect((await wall.post({ text: "rude", nonce: "blocked-01" }, RUDE)).id).toBe(id);
  await wall.post({ text: "somebody else" });
  await wall.post({ text: "a bot", type: "bot", nonce: "blocked-bot-1" }, { ...BOT, ...RUDE });
  expect((await wall.moderation()).blocks).toEqual([block]);
  expect(await wall.unblock(block.id, ALICE)).toMatchObject({ ok: true });
  expect(await wall.unblock(block.id, ALICE)).toMatchObject({ ok: true });
  expect((await wall.moderation()).blocks).toBeUndefined();
  await wall.post({ text: "again" }, RUDE);
  const { audit } = await wall.moderation();
  expect(audit).toMatchObject([
    { deed: "unblock", target: block.sender, by: "alice" },
    { deed: "block", target: block.sender, id: block.id },
  ]);
});

test("a block survives a restart, and ends by itself", async () => {
  const wall = newWall();
  const { id } = await wall.post({ text: "rude" }, RUDE);
  await blockLike(wall, id, 24);
  await wall.evict();
  expect(await wall.writer().blockedUntil(RUDE.address)).toEqual(expect.any(Number));
  expect(await wall.writer().blockedUntil("192.0.2.81")).toBeNull();
  await wall.inObject((_object, { storage }) =>
    storage.sql.exec("UPDATE blocks SET until = 1").toArray(),
  );
  await wall.evict();
  expect(await wall.writer().blockedUntil(RUDE.address)).toBeNull();
  await wall.watch();
  const rows = await wall.inObject((_object, { storage }) =>
    storage.sql.exec("SELECT * FROM blocks").toArray(),
  );
  expect(rows).toEqual([]);
});

test("a block reaches past midnight, and at most until the hash of the sender's day is deleted", async () => {
  const wall = newWall();
  await wall.status();
  const note = async (daysAgo: number, address: string) => {
    const id = makeId(Date.now() - daysAgo * DAY_MS, suffix(daysAgo));
    await sendersOf(wall, (senders) => {
      senders.note(id, networkOf(address));
      senders.keep(Date.now());
    });
    return id;
  };
  const [yesterday, lastWeek] = [await note(1, "192.0.2.82"), await note(6, "192.0.2.83")];
  await wall.evict();
  await blockLike(wall, yesterday, 24);
  const short = await blockLike(wall, lastWeek, 24);
  expect(await wall.writer().blockedUntil(networkOf("192.0.2.82"))).toBeGreaterThan(
    Date.now() + DAY_MS - 60_000,
  );
  const midnight = (Math.floor(Date.now() / DAY_MS) + 1) * DAY_MS;
  expect(short.until).toBe(midnight);
  // No row has an address.
  const stored = await wall.inObject((_object, { storage }) =>
    JSON.stringify(storage.sql.exec("SELECT * FROM blocks").toArray()),
  );
  expect(stored).not.toContain("192.0.2");
});

test("a sender is listed once, and at most 100 are blocked at a time", async () => {
  const wall = newWall();
  const { id } = await wall.post({ text: "rude" }, RUDE);
  await blockLike(wall, id, 1);
  const again = await blockLike(wall, id, 24);
  expect((await wall.moderation()).blocks).toEqual([again]);
  const other = await wall.post({ text: "other" }, { address: "192.0.2.84" });
  await vi.waitFor(async () => expectValue(await wall.block(other.id)), SETTLED);
  await wall.unblock((await wall.moderation()).blocks?.at(-1)?.id ?? 0);
  // Writes the senders down.
  await wall.rebuildTimes(1);
  await wall.inObject((_object, { storage }) => {
    for (let n = 1; n < BLOCKS_MAX; n += 1)
      storage.sql.exec(
        "INSERT INTO blocks (id, sender, since, until) VALUES (?, ?, ?, ?)",
        1_000 + n,
        `1.${n}`,
        1,
        Date.now() + HOUR_MS,
      );
  });
  await wall.evict();
  expect(await wall.block(other.id)).toMatchObject({ problem: { status: 409 } });
  expect(await wall.block(id)).toMatchObject({ ok: true });
});

test("an unknown sender, another caller and an invalid body are refused", async () => {
  const wall = newWall();
  const { id } = await wall.post({ text: "by a bot" }, BOT);
  expect(await wall.block(id)).toMatchObject({ problem: { status: 404 } });
  expect(await wall.block(id, 1, BOT)).toMatchObject({ problem: { status: 403 } });
  expect(await wall.block(id, 1, NOBODY)).toMatchObject({ problem: { status: 401 } });
  expect(await wall.unblock(1, BOT)).toMatchObject({ problem: { status: 403 } });
  expect(await wall.block(id, 2, ADMIN)).toMatchObject({
    problem: { status: 400, errors: [{ pointer: "/hours" }] },
  });
});

onKv(
  "a message past an isolate that did not hear of the block is removed and never shown",
  async () => {
    const wall = newWall();
    const { id } = await wall.post({ text: "rude" }, RUDE);
    await blockLike(wall, id);
    const isolate = newIsolate(wall);
    isolate.isUnawareOfPause = true;
    const { comment } = expectValue(await isolate.service.post(RUDE, { text: "slipped through" }));
    await isolate.settled();
    expect(await texts(wall)).toEqual(["rude"]);
    expect(await wall.find(comment.id)).toMatchObject({ problem: { status: 404 } });
    await vi.waitFor(async () => {
      await wall.rebuildTimes(1);
      expect(await wall.stored(comment.id)).toMatchObject({ removed: true });
    }, SETTLED);
    // Sent before the block, but its notice came late.
    const early = { ...commentAt(Date.now() - 60_000, 7), text: "from before" };
    await wall.writer().notice(early, RUDE.address);
    expect(await texts(wall)).toContain("from before");
  },
);

onKv("while the rebuilder is away a block delays no post", async () => {
  const wall = newWall();
  const { id } = await wall.post({ text: "rude" }, RUDE);
  await blockLike(wall, id);
  const isolate = newIsolate(wall);
  expect(await isolate.service.post(RUDE, { text: "refused" })).toMatchObject(REFUSED);
  isolate.away = true;
  expect(await isolate.service.post({ address: "192.0.2.85" }, { text: "stored" })).toMatchObject({
    ok: true,
  });
});

test.runIf(LEDGER === "sqlite")("the writer refuses without any check before it", async () => {
  const wall = newWall();
  const { id } = await wall.post({ text: "rude" }, RUDE);
  await blockLike(wall, id);
  const draft = commentAt(Date.now(), 8);
  expect(await wall.writer().append(draft, RUDE.address)).toEqual({
    blockedUntil: expect.any(Number),
  });
  expect(await wall.writer().append(draft, "192.0.2.86")).toMatchObject({ isNew: true });
});
