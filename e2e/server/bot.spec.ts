/** The reference bot and the wall, started by the commands a person uses. */
import { writeFileSync } from "node:fs";
import path from "node:path";
import type { Comment } from "#schema/comment";
import { startBot, startEndpoint } from "../../scripts/trial/bot.mjs";
import { expect, LONG, test } from "../fixtures";
import { type Stack, until } from "../stack";

async function comments(stack: Stack, query = ""): Promise<Comment[]> {
  const response = await fetch(`${stack.url}/api/comments${query}`);
  return ((await response.json()) as { comments: Comment[] }).comments;
}

async function send(stack: Stack, text: string, entity?: string): Promise<Comment> {
  const response = await fetch(`${stack.url}/api/comments`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ text, botParams: entity === undefined ? {} : { entity } }),
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
    const marked = now.filter(({ botParams }) => botParams.processed);
    return marked.length === 6 && now.length === 12 && now;
  });
  for (const { id, text } of messages)
    expect(shown.filter(({ replyTo }) => replyTo === id)).toMatchObject([
      { text, username: "echo", type: "bot", botParams: {} },
    ]);
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

test(
  "personas of one process are present, and each answers what is addressed to it",
  LONG,
  async ({ startStack, scratch }) => {
    const stack = await startStack();
    const personas = path.join(scratch, "personas.json");
    const names = ["ada", "bob", "cleo"];
    const entries = names.map((name) => ({ name, brain: "echo", addressedOnly: name !== "bob" }));
    writeFileSync(personas, JSON.stringify(entries));
    const others = await send(stack, "to another bot", "dora");
    const bot = startBot(stack.url, { personas, env: { BOT_TOKEN: stack.botToken } });
    const present = async () => {
      const response = await fetch(`${stack.url}/api/bots`);
      const { bots } = (await response.json()) as { bots: { name: string }[] };
      return bots.map(({ name }) => name);
    };
    await until("the presence of all", 30_000, async () => (await present()).length === 3);
    expect(await present()).toEqual(names);
    for (const name of names) await send(stack, `to ${name}`, name);
    await send(stack, "to nobody");
    const shown = await until("every message's answer and mark", 30_000, async () => {
      const now = await comments(stack);
      const marked = now.filter(({ botParams }) => botParams.processed);
      const answers = now.filter(({ type }) => type === "bot");
      return marked.length === 4 && answers.length === 4 && now;
    });
    const answers = shown.filter(({ type }) => type === "bot");
    expect(answers.map(({ username, text }) => `${username}: ${text}`).sort()).toEqual([
      "ada: to ada",
      "bob: to bob",
      "bob: to nobody",
      "cleo: to cleo",
    ]);
    expect((await comments(stack, "?pending=1")).map(({ id }) => id)).toEqual([others.id]);
    expect(await bot.end("SIGTERM")).toBe(0);
  },
);

test("a wrong token and a wrong argument each end the bot with their own exit code", async ({
  baseURL,
}) => {
  const url = baseURL ?? "";
  const refused = startBot(url, { env: { BOT_TOKEN: "not-this-walls-token-0123456789" } });
  const misused = startBot(url, { args: ["--brain", "none"] });
  const missing = startBot(url, { personas: "/nowhere/personas.json" });
  expect(await Promise.all([refused.closed, misused.closed, missing.closed])).toEqual([3, 2, 2]);
});
