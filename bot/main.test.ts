/** The bots of one process, from the command line to their end. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import http from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { eventually, wall } from "./bots-on-trial";
import { connect } from "./connect.mjs";
import { exitCodeOf, explanationOf, start } from "./main";
import { refused, TOKEN } from "./scripted-wall";

let scratch: string;
let output = "";
let running: ReturnType<typeof start> = null;
beforeEach(() => {
  scratch = mkdtempSync(path.join(tmpdir(), "saywhatwant-main-"));
  output = "";
  wall.upgradeRefusal = null;
});
afterEach(async () => {
  await running?.stop();
  running = null;
  rmSync(scratch, { recursive: true });
});

function startPersonas(personas: unknown, env: Record<string, string> = {}) {
  const file = path.join(scratch, "personas.json");
  writeFileSync(file, JSON.stringify(personas));
  const given = { BOT_TOKEN: TOKEN, ...env } as unknown as NodeJS.ProcessEnv;
  const write = (text: string) => {
    output += text;
  };
  running = start(["--url", wall.url, "--personas", file], given, write, connect);
  if (!running) throw new Error("only the help was written");
  return running;
}

const PERSONAS = ["ada", "bob", "cleo"].map((name) => ({
  name,
  brain: "echo",
  addressedOnly: name !== "bob",
}));

test("each persona answers what is addressed to it, under its own name and claim", async () => {
  const messages = ["ada", "bob", "cleo", undefined].map((entity) =>
    wall.add({ text: "hi", botParams: { processed: false, ...(entity && { entity }) } }),
  );
  const bots = startPersonas(PERSONAS);
  await eventually(() => expect(messages.every(({ botParams }) => botParams.processed)).toBe(true));
  const answers = messages.flatMap((message) => wall.repliesTo(message));
  expect(answers.map(({ username }) => username)).toEqual(["ada", "bob", "cleo", "bob"]);
  const claims = wall.asked.filter(({ path }) => path.endsWith("/claim"));
  expect(new Set(claims.map(({ body }) => body.bot)).size).toBe(3);
  for (const { body } of claims) expect(body.bot).toMatch(new RegExp(`^${body.name}-[0-9a-z]{8}$`));
  await eventually(() => expect(wall.channels.size).toBe(3));
  expect(new Set(wall.upgrades.map(({ entity }) => entity))).toEqual(
    new Set(["ada", "bob", "cleo"]),
  );

  await bots.stop();
  await bots.ended;
  await eventually(() => expect(wall.channels.size).toBe(0));
  expect(output.match(/ ended$/gm)).toHaveLength(3);
});

test("a persona's prompt replaces BOT_PROMPT", async () => {
  const prompts: string[] = [];
  const endpoint = http.createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request) body += chunk;
    const { messages } = JSON.parse(body);
    prompts.push(`${messages.at(-1).content} / ${messages[0].content}`);
    response.setHeader("Content-Type", "application/json");
    response.end('{"choices":[{"message":{"content":"Fine."}}]}');
  });
  await new Promise<void>((resolve) => endpoint.listen(0, "127.0.0.1", resolve));
  const { port } = endpoint.address() as AddressInfo;
  const messages = ["ada", "bob"].map((entity) =>
    wall.add({ username: "ann", text: entity, botParams: { processed: false, entity } }),
  );
  startPersonas(
    [
      { name: "ada", brain: "openai", prompt: "Be brief." },
      { name: "bob", brain: "openai" },
    ],
    {
      OPENAI_BASE_URL: `http://127.0.0.1:${port}/v1`,
      OPENAI_MODEL: "small",
      BOT_PROMPT: "Be kind.",
    },
  );
  await eventually(() => expect(messages.every(({ botParams }) => botParams.processed)).toBe(true));
  endpoint.close();
  endpoint.closeAllConnections();
  expect(prompts.sort()).toEqual(["ann: ada / Be brief.", "ann: bob / Be kind."]);
});

test("a token that is refused to one persona ends them all", async () => {
  const bots = startPersonas(PERSONAS);
  await eventually(() => expect(wall.channels.size).toBe(3));
  wall.intercept = ({ path }) => (path.includes("entity=cleo") ? refused(401) : undefined);
  wall.announce([wall.add({ text: "hi", botParams: { processed: false, entity: "cleo" } })]);
  const error = await bots.ended.catch((error: unknown) => error);
  expect(exitCodeOf(error)).toBe(3);
  expect(explanationOf(error)).toMatch(/^The wall refused BOT_TOKEN: /);
  await eventually(() => expect(wall.channels.size).toBe(0));
});

test("a brain without its settings is refused before any persona starts", () => {
  const model = { name: "dora", brain: "openai" };
  expect(() => startPersonas([...PERSONAS, model])).toThrow("OPENAI_MODEL is not set");
  expect(output).toBe("");
  expect(wall.asked).toEqual([]);
});
