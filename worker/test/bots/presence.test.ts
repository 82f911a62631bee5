/** Which bots are present, in the real runtime. */
import { expect, test, vi } from "vitest";
import type { Sync } from "#schema/change";
import { PRESENCE_MS } from "#schema/limits";
import { callsTo } from "#worker/contract/writer-calls";
import { openChannel } from "../live/channel";
import { BOT, newWall } from "../wall";

const SETTLED = { timeout: 5_000, interval: 100 };

const namesAt = async (wall: ReturnType<typeof newWall>) =>
  (await wall.bots()).map(({ name }) => name);

test("a bot that polls with its token and entity is listed, for 30 s", async () => {
  const wall = newWall();
  await wall.pending({ entity: "ada", addressed: true }, BOT);
  await wall.pending({ entity: "bob" }, BOT);
  await wall.pending({}, BOT);
  await wall.pending({ entity: "eve" });
  await vi.waitFor(async () => expect(await namesAt(wall)).toEqual(["ada", "bob"]), SETTLED);
  const [ada] = await wall.bots();
  expect(Math.abs(Date.now() - (ada?.seenAt ?? 0))).toBeLessThan(10_000);
  const { now } = Date;
  const later = vi.spyOn(Date, "now").mockImplementation(() => now() + PRESENCE_MS + 1_000);
  try {
    await vi.waitFor(async () => expect(await namesAt(wall)).toEqual([]), SETTLED);
  } finally {
    later.mockRestore();
  }
});

test("an entrypoint of the previous release, which names no bot, makes none present", async () => {
  const wall = newWall();
  await wall.writer().pending({ pending: true, entity: "ada", limit: 20 });
  const { id } = await wall.post({ text: "Hello" });
  await wall.writer().claim(id, "ada-q08blvzg", 30);
  expect(await wall.bots()).toEqual([]);
});

test("after a restart a bot is listed again with its next poll", async () => {
  const wall = newWall();
  await wall.pending({ entity: "ada" }, BOT);
  await vi.waitFor(async () => expect(await namesAt(wall)).toEqual(["ada"]), SETTLED);
  await wall.evict();
  await vi.waitFor(async () => expect(await namesAt(wall)).toEqual([]), SETTLED);
  await wall.pending({ entity: "ada" }, BOT);
  await vi.waitFor(async () => expect(await namesAt(wall)).toEqual(["ada"]), SETTLED);
});

test("a bot with a live channel is listed until the channel closes", async () => {
  const wall = newWall();
  const channel = await openChannel(wall, { entities: ["ada", "bob"], token: BOT.token });
  await vi.waitFor(async () => expect(await namesAt(wall)).toEqual(["ada", "bob"]), SETTLED);
  channel.socket.close();
  await vi.waitFor(async () => expect(await namesAt(wall)).toEqual([]), SETTLED);
});

test("bots that come, stay and go cost no row and no ledger operation", async () => {
  const wall = newWall();
  await wall.post({ text: "Hello" });
  await wall.pending();
  await wall.inObject(async (object) => {
    // Without a pause, so that no alarm runs in between.
    const writer = callsTo(object, { wall: wall.name });
    const { operations: before } = await writer.status();
    for (let n = 0; n < 60; n += 1)
      await writer.pending({ pending: true, limit: 1 }, `bot-${100 + n}`);
    const { bots = [] }: Sync = JSON.parse(await writer.sync());
    expect(bots.map(({ name }) => name).at(-1)).toBe("bot-149");
    const { operations } = await writer.status();
    const spent = Object.keys(operations).filter((kind) => operations[kind] !== before[kind]);
    expect(spent.sort()).toEqual(["pending", "status", "sync"]);
  });
});
