// @ts-check
// A loopback endpoint with OpenAI's chat API that can be told to misbehave.
import http from "node:http";
import { listen } from "../stack/listen.mjs";

/**
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
