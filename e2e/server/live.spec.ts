/** The live channel through the whole chain: front, page, companion Worker, object. */
import { eventually, expect, LONG, test } from "../fixtures";
import { LiveClient, newestCursor, opened, openLive } from "../live-client";
import type { Stack } from "../stack";

async function post(stack: Stack, text: string): Promise<void> {
  const response = await fetch(`${stack.url}/api/comments`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ text }),
  });
  if (!response.ok) throw new Error(`POST answered ${response.status}`);
}

async function textsOf(stack: Stack): Promise<string[]> {
  const read = await (await fetch(`${stack.url}/api/comments`)).json();
  return (read as { comments: { text: string }[] }).comments.map(({ text }) => text);
}

test(
  "a channel shows what others send, takes messages, and closes when the server restarts",
  LONG,
  async ({ startStack }) => {
    const stack = await startStack({ env: { LEDGER: "sqlite" } });
    const [first, second] = [await opened(stack.url), await opened(stack.url)];
    await first.until("the first frame", () => first.messages.length > 0);
    expect(first.messages[0]).toMatchObject({ posts: true, auditS: 60, gap: false });

    await post(stack, "over HTTP");
    for (const client of [first, second])
      await client.until("the message", () => client.shown.includes("over HTTP"));

    first.send({ post: { nonce: "over-the-channel", text: "over the channel" } });
    await second.until("the message", () => second.shown.includes("over the channel"));
    await first.until("the answer", () => first.messages.some((message) => "posted" in message));
    // A poll is answered from memory that is up to a second old.
    await eventually(async () => {
      expect(await textsOf(stack)).toEqual(["over the channel", "over HTTP"]);
    });

    first.send("ping");
    await first.until("the pong", () => first.texts.includes("pong"));

    await stack.restartWorker();
    for (const client of [first, second])
      await client.until("the channel's end", () => client.isClosed);
    // As a page does: it asks again until the Worker is back.
    const clients: LiveClient[] = [];
    await eventually(async () => {
      const answer = await openLive(stack.url, { since: "abcdefgh.1" });
      if (answer instanceof LiveClient) clients.push(answer);
      expect(clients).toHaveLength(1);
    });
    const [reopened] = clients as [LiveClient];
    await reopened.until("the first frame", () => reopened.messages.length > 0);
    reopened.end();
  },
);

test(
  "on kv a channel shows what others send before the next rebuild's poll",
  LONG,
  async ({ startStack }) => {
    const stack = await startStack({ env: { LEDGER: "kv" } });
    const client = await opened(stack.url);
    await post(stack, "over HTTP");
    await client.until("the message", () => client.shown.includes("over HTTP"));
    expect(client.messages[0]).toMatchObject({ posts: false, beatS: 10 });
    client.end();
  },
);

test("refused channels get problem details with the API's headers", async ({
  request,
  baseURL,
}) => {
  const url = baseURL ?? "";
  const since = await newestCursor(url);
  const plain = await request.get(`/api/live?since=${since}`);
  expect(plain.status()).toBe(426);
  expect(plain.headers()).toMatchObject({
    "content-type": "application/problem+json",
    "x-content-type-options": "nosniff",
    "cache-control": "no-store",
  });
  expect(await openLive(url, { since: null })).toMatchObject({ status: 400 });
  expect(await openLive(url, { since: "yesterday" })).toMatchObject({
    status: 400,
    errors: [{ pointer: "?since" }],
  });
  const headers = { Origin: "https://elsewhere.example" };
  expect(await openLive(url, { headers })).toMatchObject({ status: 403, code: "forbidden" });
  const own = await opened(url, { headers: { Origin: url } });
  own.end();
  expect((await request.post("/api/live")).status()).toBe(405);
});

test(
  "with LIVE=off the channel does not exist, and everything else works",
  LONG,
  async ({ startStack }) => {
    const stack = await startStack({ env: { LIVE: "off" } });
    expect(await openLive(stack.url)).toMatchObject({ status: 404, code: "not_found" });
    await post(stack, "over HTTP");
  },
);
