/** The brain against all kinds of endpoints, over real HTTP. */
import http from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, expect, test } from "vitest";
import type { Comment } from "#schema/comment";
import { WrongArgument } from "../failure";
import { openaiBrain } from "./openai-brain";

const comment = (id: number, draft: Partial<Comment>): Comment => ({
  id: `179556564621${id}-hnp0lalq0c`,
  timestamp: 1,
  text: "Hello",
  username: "ann",
  color: "#aabbcc",
  type: "human",
  botParams: {},
  ...draft,
});

const servers: http.Server[] = [];

afterEach(() => {
  for (const server of servers.splice(0)) {
    server.close();
    server.closeAllConnections();
  }
});

/** A brain whose endpoint answers like this. */
async function brainBefore(
  answer: http.RequestListener,
  env: Record<string, string> = {},
  prompt?: string,
) {
  const server = http.createServer(answer);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}/v1`;
  const given = { OPENAI_BASE_URL: url, OPENAI_MODEL: "small", ...env };
  const brain = openaiBrain(given as unknown as NodeJS.ProcessEnv, prompt);
  const message = comment(3, { text: "How are you?" });
  const recent = [
    comment(1, {}),
    comment(2, { type: "bot", username: "echo", text: "Hello, ann." }),
    message,
  ];
  return (signal = new AbortController().signal) =>
    brain(message, { name: "echo", recent, signal });
}

const saying = (content: unknown) => JSON.stringify({ choices: [{ message: { content } }] });

test("the model gets the conversation with its authors; its text is the answer", async () => {
  let body = "";
  let asked = "";
  const think = await brainBefore(
    async (request, response) => {
      asked = `${request.url} ${request.headers.authorization}`;
      for await (const chunk of request) body += chunk;
      response.setHeader("Content-Type", "application/json");
      response.end(saying("Fine."));
    },
    { OPENAI_API_KEY: "a-key" },
    "Be brief.",
  );
  expect(await think()).toBe("Fine.");
  expect(asked).toBe("/v1/chat/completions Bearer a-key");
  expect(JSON.parse(body)).toEqual({
    model: "small",
    max_tokens: 1_000,
    messages: [
      { role: "system", content: "Be brief." },
      { role: "user", content: "ann: Hello" },
      { role: "assistant", content: "Hello, ann." },
      { role: "user", content: "ann: How are you?" },
    ],
  });
});

test.each<[string, http.RequestListener]>([
  ["refuses", (_, response) => response.writeHead(500).end("{}")],
  ["hangs up", (_, response) => response.destroy()],
  ["answers with invalid JSON", (_, response) => response.end("<html>")],
  ["answers with other JSON", (_, response) => response.end('{"choices":[{"message":7}]}')],
  ["answers null", (_, response) => response.end("null")],
  ["answers without text", (_, response) => response.end(saying(null))],
  [
    "answers without end",
    (_, response) => {
      response.setHeader("Content-Type", "application/json");
      const more = () => {
        while (!response.destroyed && response.write('"'.repeat(65_536)));
      };
      response.on("drain", more);
      more();
    },
  ],
])("the brain fails at once if the endpoint %s", async (_, answer) => {
  const think = await brainBefore((request, response) => {
    response.setHeader("Content-Type", "application/json");
    answer(request, response);
  });
  await expect(think()).rejects.toThrow();
});

test.each<[string, http.RequestListener]>([
  ["never answers", () => {}],
  ["never ends its answer", (_, response) => response.write('{"choices":')],
])("a request to an endpoint that %s is aborted with the answer", async (_, answer) => {
  const aborting = new AbortController();
  let isLeft = false;
  const think = await brainBefore((request, response) => {
    response.setHeader("Content-Type", "application/json");
    response.on("close", () => {
      isLeft = true;
    });
    answer(request, response);
    setImmediate(() => aborting.abort());
  });
  await expect(think(aborting.signal)).rejects.toThrow();
  await expect.poll(() => isLeft).toBe(true);
});

test.each([
  [{}, "OPENAI_MODEL is not set"],
  [{ OPENAI_MODEL: "small" }, "OPENAI_BASE_URL"],
  [{ OPENAI_MODEL: "small", OPENAI_BASE_URL: "here" }, "OPENAI_BASE_URL must be a URL"],
])("a refusal of the environment %j names the variable", (env, words) => {
  const open = () => openaiBrain(env as unknown as NodeJS.ProcessEnv);
  expect(open).toThrow(WrongArgument);
  expect(open).toThrow(words);
});
