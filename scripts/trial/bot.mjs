// @ts-check
// The reference bot as a process, and a model for it, for trials in which they fail.
import http from "node:http";
import path from "node:path";
import { ROOT } from "../command/paths.mjs";
import { exited, spawnNode } from "../command/process-group.mjs";
import { listen } from "../stack/listen.mjs";
import { BOT_TOKEN } from "./wall.mjs";

/** @typedef {ReturnType<typeof startBot>} BotProcess */
/** A bot takes its name from `name`, or its names from the file `personas`. */
/** @typedef {{ name?: string, personas?: string, args?: string[], env?: Record<string, string>, onLine?: (line: string) => void }} BotOptions */

/**
 * @param {string} url the wall
 * @param {BotOptions} [options]
 */
export function startBot(
  url,
  { name = "echo", personas, args = [], env = {}, onLine = () => {} } = {},
) {
  const script = path.join(ROOT, "scripts", "bot.mjs");
  const who = personas ? ["--personas", personas] : ["--name", name];
  const child = spawnNode([script, "--url", url, ...who, ...args], {
    env: { ...process.env, BOT_TOKEN, ...env },
  });
  child.stderr?.pipe(process.stderr);
  const closed = exited(child);
  let rest = "";
  child.stdout?.on("data", (chunk) => {
    const lines = `${rest}${chunk}`.split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) onLine(line);
  });
  return {
    closed,
    /** @param {NodeJS.Signals} signal */
    async end(signal) {
      child.kill(signal);
      return closed;
    },
  };
}

/**
 * A loopback endpoint with OpenAI's chat API that can be told to misbehave.
 * @param {(message: string, response: http.ServerResponse) => void} answer gets the last message's text
 */
export async function startEndpoint(answer) {
  const server = http.createServer(async (request, response) => {
    try {
      let body = "";
      for await (const chunk of request) body += chunk;
      const last = JSON.parse(body).messages.at(-1).content;
      response.setHeader("Content-Type", "application/json");
      answer(last.slice(last.indexOf(": ") + 2), response);
    } catch {
      // The bot was killed while it waited.
      response.destroy();
    }
  });
  const url = await listen(server, { host: "127.0.0.1", port: 0 });
  return {
    /** The settings with which a bot uses it. */
    env: { OPENAI_BASE_URL: `${url}/v1`, OPENAI_MODEL: "loopback", OPENAI_API_KEY: "" },
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

/** @param {string} content */
export function completion(content) {
  return JSON.stringify({ choices: [{ index: 0, message: { role: "assistant", content } }] });
}
