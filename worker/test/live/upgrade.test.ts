import { expect, test } from "vitest";
import { LIVE_SOCKETS_PER_NETWORK, LIVE_SOCKETS_PER_SITE } from "#schema/live/messages";
import { newWall } from "../wall";
import { ask, openChannel, refusalOf } from "./channel";

test("a request without an upgrade is refused", async () => {
  const answer = await ask(newWall(), { isUpgrade: false });
  expect(answer.status).toBe(426);
  expect(await refusalOf(answer)).toMatchObject({ problem: { code: "upgrade_required" } });
});

test.each([null, "", "yesterday", "abcdefgh.1x"])(
  "a missing or invalid cursor is refused: %s",
  async (since) => {
    const answer = await ask(newWall(), { since });
    expect(answer.status).toBe(400);
    expect(await refusalOf(answer)).toMatchObject({ problem: { errors: [{ pointer: "?since" }] } });
  },
);

test("one network gets a limited number of sockets, and a closed one makes room", async () => {
  const wall = newWall();
  const address = "192.0.2.77";
  const channels = [];
  for (let n = 0; n < LIVE_SOCKETS_PER_NETWORK; n += 1)
    channels.push(await openChannel(wall, { address }));
  const refused = await ask(wall, { address });
  expect(refused.status).toBe(429);
  expect(await refusalOf(refused)).toMatchObject({ retryAfterSeconds: 60 });
  await openChannel(wall, { address: "192.0.2.78" });
  expect((await wall.status()).live?.refused).toEqual({ 429: 1 });
  channels[0]?.socket.close(1000);
  await channels[0]?.until(async () => {
    const answer = await ask(wall, { address });
    answer.webSocket?.accept();
    expect(answer.status).toBe(101);
  });
});

test("the networks of one IPv6 site share a limit of sockets", async () => {
  const wall = newWall();
  const addressOf = (n: number) => `2001:db8:77:${n.toString(16)}::1`;
  for (let n = 0; n < LIVE_SOCKETS_PER_SITE; n += 1)
    await openChannel(wall, { address: addressOf(n), since: "abcdefgh.1" });
  expect((await ask(wall, { address: addressOf(LIVE_SOCKETS_PER_SITE) })).status).toBe(429);
});
