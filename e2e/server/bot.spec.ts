/** The reference bot and the wall, started by the commands a person uses. */
import { startBot, startEndpoint } from "../../scripts/trial/bot.mjs";
import { expect, test } from "../fixtures";
import { type Stack, until } from "../stack";

interface Comment {
  id: string;
  text: string;
  username: string;
  type: string;
  replyTo?: string;
  botParams: { processed?: boolean };
}

async function comments(stack: Stack, query = ""): Promise<Comment[]> {
  const response = await fetch(`${stack.url}/api/comments${query}`);
  return ((await response.json()) as { comments: Comment[] }).comments;
}

async function send(stack: Stack, text: string): Promise<Comment> {
  const response = await fetch(`${stack.url}/api/comments`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ text }),
  });
  expect(response.status).toBe(201);
  return (await response.json()) as Comment;
}

test("two bots answer each message once; a bot that is stopped releases its claims", async ({
  startStack,
}) => {
  const stack = await startStack();
  const lines: string[] = [];
  const start = (args: string[] = [], env: Record<string, string> = {}) =>
    startBot(stack.url, {
      args,
      env: { BOT_TOKEN: stack.botToken, ...env },
      onLine: (line: string) => lines.push(line),
    });
  const said = (words: string) => lines.some((line) => line.includes(words));

  const bots = [start(), start()];
  const messages: Comment[] = [];
  for (let index = 0; index < 6; index += 1) messages.push(await send(stack, `message ${index}`));
  const shown = await until("every message's answer and mark", 30_000, async () => {
    const now = await comments(stack);
    return now.filter(({ botParams }) => botParams.processed).length === 6 && now;
  });
  for (const { id, text } of messages)
    expect(shown.filter(({ replyTo }) => replyTo === id)).toMatchObject([
      { text, username: "echo", type: "bot", botParams: {} },
    ]);
  expect(shown).toHaveLength(12);
  expect(await Promise.all(bots.map((bot) => bot.end("SIGTERM")))).toEqual([0, 0]);

  const endpoint = await startEndpoint(() => {});
  const thinker = start(["--brain", "openai"], endpoint.env);
  const { id } = await send(stack, "Think hard.");
  await until("the claim", 30_000, () => said(`${id} claimed`));
  expect(await comments(stack, "?pending=1")).toEqual([]);
  expect(await thinker.end("SIGTERM")).toBe(0);
  endpoint.close();
  expect((await comments(stack, "?pending=1")).map((pending) => pending.id)).toEqual([id]);
  expect(said(`${id} given back`)).toBe(true);
});

test("a wrong token and a wrong argument each end the bot with their own exit code", async ({
  baseURL,
}) => {
  const url = baseURL ?? "";
  const refused = startBot(url, { env: { BOT_TOKEN: "not-this-walls-token-0123456789" } });
  const misused = startBot(url, { args: ["--brain", "none"] });
  expect(await Promise.all([refused.closed, misused.closed])).toEqual([3, 2]);
});
