import { expect, test } from "vitest";
import { LEDGER, newWall } from "../wall";
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
