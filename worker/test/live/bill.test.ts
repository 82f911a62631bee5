import { expect, test } from "vitest";
import { LEDGER, newWall } from "../wall";
import { openChannel } from "./channel";

test("the operations count opened channels and their messages, and no request for a post over them", async () => {
  const wall = newWall();
  const channel = await openChannel(wall);
  const { cursor } = await wall.read();
  channel.send({ seen: cursor });
  await channel.post({ nonce: "counted-once", text: "hello" });
  channel.send("ping");
  await channel.until(() => expect(channel.texts).toEqual(["pong"]));
  const { operations } = await wall.status();
  expect(operations).toMatchObject({ live_connect: 1, live_message: 2 });
  expect(operations.append ?? 0).toBe(0);
  expect(operations.message ?? 0).toBe(LEDGER === "sqlite" ? 1 : 0);
});
