import { expect, test } from "vitest";
import { LEDGER, newWall, onKv } from "../wall";
import { openChannel } from "./channel";

test("the first frame answers the cursor of the request, and names the terms", async () => {
  const wall = newWall();
  const { cursor } = await wall.read();
  const { id } = await wall.post({ text: "meanwhile" });
  await wall.rebuildTimes(1);
  const channel = await openChannel(wall, { since: cursor });
  expect(channel.frames[0]).toMatchObject({
    since: cursor,
    comments: [{ id }],
    gap: false,
    auditS: 60,
    ...(LEDGER === "sqlite" ? { posts: true } : { posts: false, beatS: 10 }),
  });
});

test("a message sent over HTTP reaches every socket, starting where the last frame ended", async () => {
  const wall = newWall();
  const channels = [await openChannel(wall), await openChannel(wall)];
  await wall.post({ text: "hello" });
  for (const channel of channels) {
    await channel.until(() => expect(channel.texted).toEqual(["hello"]));
    for (const [index, { since }] of channel.frames.entries())
      if (index > 0) expect(since).toBe(channel.frames[index - 1]?.cursor);
  }
});

test("pings are answered", async () => {
  const channel = await openChannel(newWall());
  channel.send("ping");
  await channel.until(() => expect(channel.texts).toEqual(["pong"]));
});

test("a removal reaches every socket, and a new one gets no text of it", async () => {
  const wall = newWall();
  const { cursor } = await wall.read();
  const channel = await openChannel(wall);
  const { id } = await wall.post({ text: "secret" });
  await channel.until(() => expect(channel.texted).toEqual(["secret"]));
  await wall.remove(id);
  await channel.until(() => expect(channel.frames.at(-1)?.removed).toEqual([id]));
  const late = await openChannel(wall, { since: cursor });
  expect(late.frames[0]).toMatchObject({ comments: [], removed: [id] });
});

test("a cursor of another wall gets a first frame with a gap, so that its page polls", async () => {
  const channel = await openChannel(newWall(), { since: "otherone.7" });
  expect(channel.frames[0]).toMatchObject({ since: "otherone.7", gap: true, comments: [] });
});

test("when the object ends, its sockets close, and the next one continues from the page's cursor", async () => {
  const wall = newWall();
  const channel = await openChannel(wall);
  await wall.post({ text: "before" });
  await channel.until(() => expect(channel.texted).toEqual(["before"]));
  const { cursor = "" } = channel.frames.at(-1) ?? {};
  await wall.evict();
  await channel.until(() => expect(channel.closed).not.toBeNull());
  await wall.post({ text: "meanwhile" });
  await wall.rebuildTimes(1);
  const next = await openChannel(wall, { since: cursor });
  expect(next.texted).toEqual(["meanwhile"]);
});

test.each([undefined, 1000, 4001])(
  "a page that closes its socket gets the wall's close frame, with code %s",
  async (code) => {
    const wall = newWall();
    const channel = await openChannel(wall);
    channel.socket.close(code);
    await channel.until(() => expect(channel.closed).not.toBeNull());
    expect((await wall.status()).live?.closed).toEqual({ [code ?? 1005]: 1 });
  },
);

test("clearing the wall closes its sockets with 1012", async () => {
  const wall = newWall();
  const channel = await openChannel(wall);
  await wall.clear();
  await channel.until(() => expect(channel.closed).toBe(1012));
});

onKv(
  "moving the wall to sqlite closes its sockets with 1012, and the next one takes posts",
  async () => {
    const wall = newWall();
    await wall.post({ text: "before" });
    const channel = await openChannel(wall);
    for (let done = false; !done; ) done = (await wall.writer().move()).phase === "done";
    await channel.until(() => expect(channel.closed).toBe(1012));
    const next = await openChannel(wall);
    expect(next.frames[0]).toMatchObject({ posts: true });
    expect(await next.post({ nonce: "after-the-move", text: "after" })).toMatchObject({
      created: true,
    });
  },
);

onKv(
  "each rebuild sends a frame with its time, so that pages see that the cache is fresh",
  async () => {
    const wall = newWall();
    const channel = await openChannel(wall);
    const { rebuiltAt = 0 } = channel.frames[0] ?? {};
    await wall.rebuildTimes(1);
    await channel.until(() => expect(channel.frames.at(-1)?.rebuiltAt).toBeGreaterThan(rebuiltAt));
    expect(channel.frames.at(-1)).toMatchObject({ comments: [], removed: [], gap: false });
  },
);

test("the status counts sockets, frames, posts and closed sockets", async () => {
  const wall = newWall();
  const channel = await openChannel(wall);
  await wall.post({ text: "hello" });
  await channel.until(() => expect(channel.texted).toEqual(["hello"]));
  channel.send("nonsense");
  await channel.until(() => expect(channel.closed).toBe(1008));
  const { live } = await wall.status();
  expect(live).toMatchObject({ sockets: 0, posts: 0, messages: 1, closed: { 1008: 1 } });
  expect(live?.frames).toBeGreaterThan(0);
});
