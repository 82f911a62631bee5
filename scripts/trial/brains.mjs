// @ts-check
// A model that is slow, fails, returns garbage, or never answers: its messages are released, and
// answered later.
import { setTimeout as delay } from "node:timers/promises";
import { Refusal } from "../command/refusal.mjs";
import { startBot } from "./bot-process.mjs";
import { completion, startEndpoint } from "./chat-endpoint.mjs";
import { TrialWall } from "./wall.mjs";

const BOTS = 3;
const MESSAGES = 40;
/** The number of these faults that each message meets before a good answer. */
const FAULTS_A_MESSAGE = 2;
const SLOW_MS = 3_000;
/** The quick bots' time limit: finite, but longer than slow answers take. */
const THINK_SECONDS = 5;
/** Longer than an unextended claim. */
const VERY_SLOW_MS = 40_000;
const VERY_SLOW_MESSAGES = 2;
const TEXT_MAX_CHARACTERS = 1_000;
const LONG = "a long story ".repeat(500);

/** @type {Record<string, (response: import("node:http").ServerResponse) => void>} */
const FAULTS = {
  "status 500": (response) => response.writeHead(500).end('{"error":{"message":"out of order"}}'),
  "status 429": (response) => response.writeHead(429).end("{}"),
  "hangs up": (response) => response.destroy(),
  "breaks off": (response) => response.write('{"choices":[{', () => response.destroy()),
  "not JSON": (response) => response.end("<html>What?</html>"),
  "another JSON": (response) => response.end('{"choices":"none"}'),
  "nothing said": (response) => response.end(completion("  ")),
  "rubbish without end": streamForEver,
  "never answers": () => {},
  "never ends": (response) => response.write('{"choices":['),
};

/** @param {{ random: () => number, tell: (done: number, of: number) => void }} trial */
export async function brains({ random, tell }) {
  const wall = new TrialWall();
  const kinds = Object.keys(FAULTS);
  /** @type {Map<string, string[]>} the remaining faults of each message */
  const toCome = new Map();
  /** @type {Record<string, number>} */
  const met = {};
  let wellAnswered = 0;
  const endpoint = await startEndpoint((message, response) => {
    const fault = toCome.get(message)?.pop();
    if (fault) {
      met[fault] = (met[fault] ?? 0) + 1;
      return FAULTS[fault]?.(response);
    }
    wellAnswered += 1;
    const text = message.startsWith("long") ? LONG : `an answer to ${message}`;
    const thinkMs = message.startsWith("very slow") ? VERY_SLOW_MS : random() * SLOW_MS;
    setTimeout(() => response.end(completion(text)), thinkMs);
  });
  let givenBack = 0;
  /** @type {import("./bot-process.mjs").BotProcess[]} */
  const bots = [];
  /** @param {string[]} args */
  const start = (args) =>
    startBot(wall.url, {
      name: "gull",
      args: ["--brain", "openai", ...args],
      env: endpoint.env,
      onLine(line) {
        if (line.endsWith(" given back")) givenBack += 1;
      },
    });
  try {
    await wall.start();
    for (let sent = 0; sent < MESSAGES; sent += 1) {
      const text = `${sent % 10 === 0 ? "long" : "message"} ${sent}`;
      const faults = Array.from({ length: FAULTS_A_MESSAGE }, (_, fault) => {
        return kinds[(sent * FAULTS_A_MESSAGE + fault) % kinds.length] ?? "";
      });
      toCome.set(text, faults);
      await wall.send(text, { entity: "quick" });
    }
    for (let sent = 0; sent < VERY_SLOW_MESSAGES; sent += 1)
      await wall.send(`very slow ${sent}`, { entity: "slow" });
    for (let bot = 0; bot < BOTS; bot += 1)
      bots.push(start(["--entity", "quick", "--think", String(THINK_SECONDS)]));
    // Two bots for answers that take longer than a claim: the second must leave the message to the
    // first.
    for (let bot = 0; bot < 2; bot += 1) bots.push(start(["--entity", "slow"]));
    const watching = watch(wall, tell);
    const replies = await wall.answeredForGood().finally(watching.end);
    const unmet = [...toCome.values()].flat().length;
    if (unmet > 0) throw new Refusal(`NOT TRIED: ${unmet} faults`);
    const lengths = [...replies.values()].flat().map(({ text }) => Array.from(text).length);
    if (Math.max(...lengths) > TEXT_MAX_CHARACTERS) throw new Refusal("TOO LONG");
    return {
      bots: bots.length,
      ...met,
      "given back": givenBack,
      "thought through": wellAnswered,
      messages: wall.sent.size,
      answers: replies.size,
      "cut to length": lengths.filter((length) => length === TEXT_MAX_CHARACTERS).length,
      missing: 0,
      doubled: 0,
    };
  } finally {
    for (const bot of bots) await bot.end("SIGTERM");
    endpoint.close();
    await wall.close();
  }
}

/** @param {import("node:http").ServerResponse} response */
function streamForEver(response) {
  const more = () => {
    while (!response.destroyed && response.write('"'.repeat(65_536)));
  };
  response.on("drain", more);
  more();
}

/**
 * Reports the number of answered messages.
 * @param {TrialWall} wall
 * @param {(done: number, of: number) => void} tell
 */
function watch(wall, tell) {
  const ended = new AbortController();
  (async () => {
    while (!ended.signal.aborted) {
      tell((await wall.replies()).size, wall.sent.size);
      await delay(2_000, undefined, { signal: ended.signal }).catch(() => {});
    }
  })();
  return { end: () => ended.abort() };
}
