import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { POSTS_PER_PERIOD } from "#schema/limits";
import { LIVE_MESSAGE_MAX_BYTES } from "#schema/live/messages";
import { type Outcome, type Problem, success } from "#schema/problem";
import { REFUSALS_MAX } from "#worker/live/room";
import { allowed } from "../allowed";
import { LEDGER, newWall, onKv, somebody } from "../wall";
import { openChannel } from "./channel";

const onSqlite = LEDGER === "sqlite" ? test : test.skip;

onSqlite(
  "a posted message survives a crash right after its answer, and reaches the other sockets",
  async () => {
    const wall = newWall();
    const [sender, reader] = [await openChannel(wall), await openChannel(wall)];
    const answer = await sender.post({ nonce: "over-the-channel", text: "hello" });
    expect(answer).toMatchObject({
      posted: "over-the-channel",
      created: true,
      comment: { text: "hello", type: "human", botParams: { processed: false } },
    });
    await reader?.until(() => expect(reader.texted).toEqual(["hello"]));
    await wall.evict();
    expect(await wall.newest()).toMatchObject([{ text: "hello", nonce: "over-the-channel" }]);
  },
);

onSqlite("the same nonce over the channel and over HTTP is one message", async () => {
  const wall = newWall();
  const channel = await openChannel(wall);
  const draft = { nonce: "sent-both-ways", text: "hello" };
  const first = await channel.post(draft);
  const again = await wall.tryPost(draft);
  const id = "comment" in first ? first.comment.id : null;
  expect(again).toMatchObject({ ok: true, value: { created: false, comment: { id } } });
  channel.messages.length = 0;
  expect(await channel.post(draft)).toMatchObject({ created: false, comment: { id } });
  expect(await wall.newest()).toHaveLength(1);
});

onSqlite(
  "no frame shows the hash of a message, which its author takes down over HTTP",
  async () => {
    const wall = newWall();
    const [sender, reader] = [await openChannel(wall), await openChannel(wall)];
    const secretHash = createHash("sha256").update("mine").digest("base64url");
    const answer = await sender.post({ nonce: "with-a-secret", text: "a slip", secretHash });
    await reader.until(() => expect(reader.texted).toEqual(["a slip"]));
    const id = "comment" in answer ? answer.comment.id : "";
    expect(await wall.tryRemove(id, { secret: "mine" }, somebody())).toMatchObject({ ok: true });
    await reader.until(() =>
      expect(JSON.stringify(reader.messages)).toContain(`"removed":["${id}"]`),
    );
    expect(JSON.stringify([sender.messages, reader.messages])).not.toContain("secretHash");
  },
);

onSqlite("a blocked sender's messages are refused over the channel too", async () => {
  const wall = newWall();
  const channel = await openChannel(wall);
  const answer = await channel.post({ nonce: "before-the-block", text: "rude" });
  const id = "comment" in answer ? answer.comment.id : "";
  expect(await wall.block(id)).toMatchObject({ ok: true });
  expect(await channel.post({ nonce: "after-the-block", text: "again" })).toMatchObject({
    refused: "after-the-block",
    problem: { status: 403, code: "blocked" },
  });
  channel.messages.length = 0;
  expect(await channel.post({ nonce: "before-the-block", text: "rude" })).toMatchObject({
    created: false,
  });
});

onSqlite(
  "an admin can remove everything that the sender of a message sent over the channel",
  async () => {
    const wall = newWall();
    const channel = await openChannel(wall);
    const first = await channel.post({ nonce: "first-of-two", text: "one" });
    await channel.post({ nonce: "second-of-two", text: "two" });
    const id = "comment" in first ? first.comment.id : "";
    expect(await wall.removeSender(id)).toMatchObject({ ok: true, value: { removed: 2 } });
  },
);

onSqlite("posts over HTTP and over the channel count towards one limit", async () => {
  const wall = newWall();
  const newClient = () => {
    const client = somebody();
    return { client, channel: openChannel(wall, { address: client.address ?? null }) };
  };
  const { count } = await allowed(newClient, async ({ client, channel }, n) => {
    const overHttp = () => wall.tryPost({ text: `${n}` }, client);
    const overChannel = async (): Promise<Outcome<unknown>> => {
      const nonce = `over-the-channel-${n}`;
      const answer = await (await channel).post({ nonce, text: "hello" });
      if ("posted" in answer) return success(null);
      const { problem, retryAfterSeconds = 0 } = answer;
      return { ok: false, problem: problem as Problem, retryAfterSeconds };
    };
    const outcome = await (n % 2 === 0 ? overHttp() : overChannel());
    // At the limit, neither way is open.
    return outcome.ok ? outcome : overChannel();
  });
  expect(count).toBe(POSTS_PER_PERIOD);
});

onSqlite("a message that a POST would refuse is refused with the same problem", async () => {
  const wall = newWall();
  const channel = await openChannel(wall);
  for (const draft of [
    { nonce: "without-text" },
    { nonce: "of-a-bot", text: "hello", type: "bot" },
    { nonce: "short", text: "hello", unknown: 1 },
  ]) {
    const posted = await wall.tryPost(draft);
    expect(await channel.post(draft)).toMatchObject({
      refused: draft.nonce,
      problem: posted.ok ? null : posted.problem,
    });
  }
});

onSqlite("while posting is paused, a message is refused until it is resumed", async () => {
  const wall = newWall();
  const channel = await openChannel(wall);
  await wall.pause(true);
  expect(await channel.post({ nonce: "while-paused", text: "hello" })).toMatchObject({
    problem: { status: 503, code: "posting_paused" },
    retryAfterSeconds: 10,
  });
  await wall.pause(false);
  channel.messages.length = 0;
  expect(await channel.post({ nonce: "while-paused", text: "hello" })).toMatchObject({
    posted: "while-paused",
  });
});

onKv("a wall on kv takes no messages from the channel", async () => {
  const wall = newWall();
  const channel = await openChannel(wall);
  expect(await channel.post({ nonce: "not-on-kv", text: "hello" })).toMatchObject({
    refused: "not-on-kv",
  });
  expect((await wall.read()).comments).toEqual([]);
});

test("message after message that is refused closes the socket with 1008", async () => {
  const channel = await openChannel(newWall());
  for (let n = 0; n < REFUSALS_MAX; n += 1) await channel.post({ nonce: `without-text-${n}` });
  await channel.until(() => expect(channel.closed).toBe(1008));
});

test.each([
  ["no JSON", "hello"],
  ["no message", { hello: 1 }],
  ["both messages at once", { post: { nonce: "two-at-once" }, seen: "abcdefgh.1" }],
  ["a post without a nonce", { post: { text: "hello" } }],
  ["a confirmation without a cursor", { seen: "yesterday" }],
  ["a deep value", { post: { nonce: "a-deep-value", text: [[[[[[[[[[]]]]]]]]]] } }],
])("%s closes the socket with 1008", async (_title, message) => {
  const channel = await openChannel(newWall());
  channel.send(message);
  await channel.until(() => expect(channel.closed).toBe(1008));
});

test("bytes that are not text close the socket with 1008", async () => {
  const channel = await openChannel(newWall());
  channel.socket.send(new Uint8Array([1, 2, 3]));
  await channel.until(() => expect(channel.closed).toBe(1008));
});

test("a message over 8 KiB closes the socket with 1009", async () => {
  const channel = await openChannel(newWall());
  const text = "é".repeat(LIVE_MESSAGE_MAX_BYTES / 2);
  channel.send({ post: { nonce: "a-long-message", text } });
  await channel.until(() => expect(channel.closed).toBe(1009));
});

test("a confirmation keeps the socket open", async () => {
  const wall = newWall();
  const channel = await openChannel(wall);
  channel.send({ seen: channel.frames[0]?.cursor });
  channel.send("ping");
  await channel.until(() => expect(channel.texts).toEqual(["pong"]));
  expect((await wall.status()).live).toMatchObject({ sockets: 1, messages: 1 });
});
