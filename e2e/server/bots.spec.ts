/** Bots that are present and that answer, through the whole chain. */
import { eventually, expect, LONG, test } from "../fixtures";
import { opened, openLive } from "../live-client";
import type { Stack } from "../stack";
import { BOT_TOKEN } from "../stack";

const BOT = { Authorization: `Bearer ${BOT_TOKEN}` };

async function botsOf(stack: Stack): Promise<string[]> {
  const response = await fetch(`${stack.url}/api/bots`);
  expect(response.status).toBe(200);
  const { bots } = (await response.json()) as { bots: { name: string; seenAt: number }[] };
  for (const { seenAt } of bots) expect(Math.abs(Date.now() - seenAt)).toBeLessThan(60_000);
  return bots.map(({ name }) => name);
}

async function pending(stack: Stack, search: string): Promise<{ id: string }[]> {
  const response = await fetch(`${stack.url}/api/comments?pending=1&${search}`, { headers: BOT });
  expect(response.status).toBe(200);
  return ((await response.json()) as { comments: { id: string }[] }).comments;
}

async function send(stack: Stack, path: string, body: object, headers = {}): Promise<unknown> {
  const response = await fetch(`${stack.url}/api/comments${path}`, {
    method: "POST",
    headers: { "Content-Type": "application/json", ...headers },
    body: JSON.stringify(body),
  });
  expect(response.ok).toBe(true);
  return response.status === 204 ? null : response.json();
}

test(
  "a page learns which bots are present, and that one answers; the bot sees its own messages",
  LONG,
  async ({ startStack }) => {
    const stack = await startStack({ env: { LEDGER: "sqlite" } });
    expect(await botsOf(stack)).toEqual([]);
    const page = await opened(stack.url);
    await page.until(
      "the first hints",
      () => page.hasHeard({ here: 1 }) && page.hasHeard({ bots: [] }),
    );

    await pending(stack, "entity=bob");
    const channel = await opened(stack.url, { entities: ["ada"], headers: BOT });
    await eventually(async () => expect(await botsOf(stack)).toEqual(["ada", "bob"]));
    await page.until("the bots", () => page.hasHeard({ bots: ["ada", "bob"] }));

    await send(stack, "", { text: "Hello everybody" });
    const addressed = { text: "What time is it?", botParams: { entity: "ada" } };
    const { id } = (await send(stack, "", addressed)) as { id: string };
    await channel.until("the message", () => channel.shown.includes(addressed.text));
    expect((await pending(stack, "entity=ada&addressed=1")).map((each) => each.id)).toEqual([id]);

    const claim = { bot: "ada-q08blvzg", seconds: 30, name: "ada" };
    const claimed = await send(stack, `/${id}/claim`, claim, BOT);
    const { claimedUntil } = (claimed as { botParams: { claimedUntil: number } }).botParams;
    const begun = { answering: { id, name: "ada", until: claimedUntil } };
    await page.until("that ada answers", () => page.hasHeard(begun));
    await send(stack, `/${id}/release`, { bot: claim.bot }, BOT);
    const ended = { answering: { id, name: "ada", until: 0 } };
    await page.until("that ada gave it back", () => page.hasHeard(ended));

    // Present for another half minute.
    await pending(stack, "entity=bob");
    channel.end();
    await page.until("that ada is gone", () => page.hasHeard({ bots: ["bob"] }));
    await eventually(async () => expect(await botsOf(stack)).toEqual(["bob"]));
    page.end();
  },
);

test("only the bot token opens a bot's channel", async ({ baseURL }) => {
  const url = baseURL ?? "";
  const headers = { Authorization: "Bearer not-the-token-0123456789abcdef" };
  expect(await openLive(url, { entities: ["ada"] })).toMatchObject({ status: 401 });
  expect(await openLive(url, { entities: ["ada"], headers })).toMatchObject({ status: 401 });
  expect(await openLive(url, { entities: [" "], headers: BOT })).toMatchObject({
    status: 400,
    errors: [{ pointer: "?entity" }],
  });
});
