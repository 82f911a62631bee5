/** The bots of docs/bots.md, as they stand there, on a wall of their own. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import type { Comment } from "#schema/comment";
import { CHECKOUT } from "../checkout";
import { expect, LONG, test } from "../fixtures";
import { type Stack, until } from "../stack";

const ANSWER_PATIENCE_MS = 30_000;
const LINES_MAX = 30;

const LANGUAGES = [
  { fence: "js", file: "bot.mjs", command: process.execPath },
  { fence: "python", file: "bot.py", command: "python3" },
];

/** The only code block of this language. */
function codeBlock(fence: string): string {
  const page = readFileSync(path.join(CHECKOUT, "docs", "bots.md"), "utf8");
  const [, code, ...others] = page.split(`\n\`\`\`${fence}\n`);
  expect(others).toEqual([]);
  return (code ?? "").split("\n```\n")[0] ?? "";
}

async function send(stack: Stack, text: string, entity?: string): Promise<Comment> {
  const response = await fetch(`${stack.url}/api/comments`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ text, username: "ann", botParams: entity ? { entity } : {} }),
  });
  expect(response.status).toBe(201);
  return (await response.json()) as Comment;
}

async function comments(stack: Stack, query = ""): Promise<Comment[]> {
  const response = await fetch(`${stack.url}/api/comments${query}`);
  return ((await response.json()) as { comments: Comment[] }).comments;
}

for (const { fence, file, command } of LANGUAGES) {
  test(
    `two copies of the ${fence} bot in docs/bots.md answer each message once`,
    LONG,
    async ({ startStack, scratch }) => {
      const isInstalled = spawnSync(command, ["--version"]).status === 0;
      test.skip(!isInstalled, `${command} is not installed`);
      const code = codeBlock(fence);
      expect(code.split("\n").length).toBeLessThanOrEqual(LINES_MAX);
      writeFileSync(path.join(scratch, file), code);
      const stack = await startStack();
      const others = await send(stack, "to another bot", "other");
      const sent = [await send(stack, "to anyone"), await send(stack, "to you", "mine")];
      const errors: string[] = [];
      const bots: ChildProcess[] = [];
      const start = () => {
        const env = { ...process.env, WALL: stack.url, BOT_TOKEN: stack.botToken, NO_PROXY: "*" };
        const bot = spawn(command, [path.join(scratch, file)], { env });
        bot.stderr.on("data", (chunk) => errors.push(String(chunk)));
        bots.push(bot);
      };
      const allMarked = () =>
        until("every message's answer and mark", ANSWER_PATIENCE_MS, async () => {
          const now = await comments(stack);
          const marked = now.filter(({ botParams }) => botParams.processed);
          const answers = now.filter(({ type }) => type === "bot");
          return marked.length === sent.length && answers.length === sent.length && now;
        });
      try {
        start();
        const [, first] = (await allMarked()).filter(({ type }) => type === "bot");
        expect(first?.replyTo).toBe(sent[1]?.id);
        start();
        for (let index = 0; index < 4; index += 1) sent.push(await send(stack, `message ${index}`));
        const shown = await allMarked();
        for (const { id, text } of sent)
          expect(shown.filter(({ replyTo }) => replyTo === id)).toMatchObject([
            { text: `ann says: ${text}`, username: "mine", type: "bot", botParams: {} },
          ]);
        expect(shown).toHaveLength(1 + 2 * sent.length);
        expect((await comments(stack, "?pending=1")).map(({ id }) => id)).toEqual([others.id]);
        const present = await fetch(`${stack.url}/api/bots`);
        expect(await present.json()).toMatchObject({ bots: [{ name: "mine" }] });
        expect(errors).toEqual([]);
      } finally {
        for (const bot of bots) bot.kill("SIGKILL");
      }
    },
  );
}
