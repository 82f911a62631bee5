import { expect, test, vi } from "vitest";
import { compareIds } from "#schema/id";
import { newWall, onKv, suffix } from "../wall";

test("a posted message is read by everyone, once", async () => {
  const wall = newWall();
  const posted = await wall.post({ text: "Hello", username: "ada", color: "#1E90FF" });
  expect(posted).toMatchObject({
    text: "Hello",
    username: "ada",
    color: "#1e90ff",
    type: "human",
    botParams: { processed: false },
  });
  expect(posted.id.startsWith(`${posted.timestamp}-`)).toBe(true);
  await vi.waitFor(async () => expect((await wall.read()).comments).toEqual([posted]), 5_000);
});

onKv("POST writes the comment's key and nothing else to KV", async () => {
  const wall = newWall();
  const posted = await wall.post({ text: "Hello" });
  expect(await wall.stored(posted.id)).toEqual({ ...posted, sequence: 0 });
});

onKv.each([700, 1_500])(
  "with %i stored, the next post is first in a snapshot of 500 in order",
  async (count) => {
    const wall = newWall();
    const start = Date.now() - 100_000;
    for (let batch = 0; batch < count; batch += 100) {
      await Promise.all(
        Array.from({ length: Math.min(100, count - batch) }, (_, index) =>
          wall.store({ timestamp: start + batch + index, suffix: suffix(batch + index) }),
        ),
      );
    }
    const posted = await wall.post({ text: "the newest" });
    await wall.watch();
    const newest = await wall.newest();
    expect(newest).toHaveLength(500);
    expect(newest[0]?.id).toBe(posted.id);
    const ids = newest.map(({ id }) => id);
    expect(ids).toEqual([...ids].sort(compareIds));
    expect(newest[1]?.timestamp).toBe(start + count - 1);
    expect(newest[499]?.timestamp).toBe(start + count - 499);
  },
  60_000,
);

test("32 concurrent posts are 32 comments, each once", async () => {
  const wall = newWall();
  const posted = await Promise.all(
    Array.from({ length: 32 }, (_, index) => wall.post({ text: `message ${index}` })),
  );
  await vi.waitFor(async () => expect(await wall.newest()).toHaveLength(32), 5_000);
  const ids = (await wall.newest()).map(({ id }) => id);
  expect([...ids].sort()).toEqual(posted.map(({ id }) => id).sort());
});

onKv("a repeated nonce is one comment, and the second id leads to the first", async () => {
  const wall = newWall();
  const start = Date.now() - 5_000;
  // As two isolates without knowledge of each other would store them.
  const first = await wall.store({ timestamp: start, suffix: suffix(7), nonce: "a-nonce-1" });
  await wall.watch();
  const before = await wall.read();
  const second = await wall.store({ timestamp: start + 40, suffix: suffix(7), nonce: "a-nonce-1" });
  await wall.inObject((object) => object.alarm());
  expect((await wall.newest()).map(({ id }) => id)).toEqual([first.id]);
  await vi.waitFor(async () => {
    const delta = await wall.read({ since: before.cursor });
    expect(delta.removed).toEqual([second.id]);
  }, 5_000);
  expect(await wall.find(second.id)).toMatchObject({ ok: true, value: { id: first.id } });
});

onKv(
  "the smaller id of two copies is kept, even if it arrives last and the other is processed",
  async () => {
    const wall = newWall();
    const start = Date.now() - 5_000;
    const later = await wall.store({
      timestamp: start + 40,
      suffix: suffix(8),
      nonce: "a-nonce-2",
    });
    await wall.watch();
    await wall.patch(later.id);
    const first = await wall.store({ timestamp: start, suffix: suffix(8), nonce: "a-nonce-2" });
    await wall.inObject((object) => object.alarm());
    const newest = await wall.newest();
    expect(newest.map(({ id }) => id)).toEqual([first.id]);
    expect(newest[0]?.botParams.processed).toBe(true);
  },
);

test("a nonce sent again to the same server returns the first comment", async () => {
  const wall = newWall();
  const nonce = "nonce-sent-twice";
  const first = await wall.tryPost({ text: "once", nonce });
  const again = await wall.tryPost({ text: "once", nonce });
  expect(first).toMatchObject({ ok: true, value: { created: true } });
  expect(again).toMatchObject({ ok: true, value: { created: false } });
  expect(again.ok && again.value.comment).toEqual(first.ok && first.value.comment);
});

test("nonces of people and bots are separate", async () => {
  const wall = newWall();
  const nonce = "reply-to-something";
  const person = await wall.post({ text: "a person", nonce });
  const bot = await wall.post(
    { text: "a bot", nonce, type: "bot" },
    { token: "test-bot-token-0123456789abcdef" },
  );
  await vi.waitFor(async () => expect(await wall.newest()).toHaveLength(2), 5_000);
  expect(bot.id).not.toBe(person.id);
  expect(bot.botParams).toEqual({});
});
