// @ts-check
// A model that is slow, fails, returns garbage, or never answers: its messages are released, and
// answered later.
import { Refusal } from "../command/refusal.mjs";
import { completion } from "./bot.mjs";

const QUICK_BOTS = 3;
/** For answers that take longer than a claim: the second bot must leave the message to the first. */
const SLOW_BOTS = 2;
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

/** @param {import("./conversation.mjs").Conversation} trial */
export async function brains(trial) {
  const kinds = Object.keys(FAULTS);
  /** @type {Map<string, string[]>} the remaining faults of each message */
  const toCome = new Map();
  /** @type {Record<string, number>} */
  const met = {};
  let wellAnswered = 0;
  const endpoint = await trial.startEndpoint((message, response) => {
    const fault = toCome.get(message)?.pop();
    if (fault) {
      met[fault] = (met[fault] ?? 0) + 1;
      return FAULTS[fault]?.(response);
    }
    wellAnswered += 1;
    const text = message.startsWith("long") ? LONG : `an answer to ${message}`;
    const thinkMs = message.startsWith("very slow")
      ? VERY_SLOW_MS
      : trial.random.integer(0, SLOW_MS);
    setTimeout(() => response.end(completion(text)), thinkMs);
  });
  let givenBack = 0;
  /** @param {string} name @param {string[]} args */
  const startBot = (name, ...args) =>
    trial.startBot({
      name,
      args: ["--brain", "openai", "--addressed-only", ...args],
      env: endpoint.env,
      onLine(line) {
        if (line.endsWith(" given back")) givenBack += 1;
      },
    });
  await trial.start();
  for (let sent = 0; sent < MESSAGES; sent += 1) {
    const text = `${sent % 10 === 0 ? "long" : "message"} ${sent}`;
    const faults = Array.from({ length: FAULTS_A_MESSAGE }, (_, fault) => {
      return kinds[(sent * FAULTS_A_MESSAGE + fault) % kinds.length] ?? "";
    });
    toCome.set(text, faults);
    await trial.send(text, { entity: "quick" });
  }
  for (let sent = 0; sent < VERY_SLOW_MESSAGES; sent += 1)
    await trial.send(`very slow ${sent}`, { entity: "slow" });
  for (let bot = 0; bot < QUICK_BOTS; bot += 1) startBot("quick", "--think", String(THINK_SECONDS));
  for (let bot = 0; bot < SLOW_BOTS; bot += 1) startBot("slow");
  const replies = await trial.answeredForGood(trial.tell);
  const unmet = [...toCome.values()].flat().length;
  if (unmet > 0) throw new Refusal(`NOT TRIED: ${unmet} faults`);
  const lengths = [...replies.values()].flat().map(({ text }) => Array.from(text).length);
  if (Math.max(...lengths) > TEXT_MAX_CHARACTERS) throw new Refusal("TOO LONG");
  return {
    bots: QUICK_BOTS + SLOW_BOTS,
    ...met,
    "given back": givenBack,
    "thought through": wellAnswered,
    messages: trial.sent.size,
    answers: replies.size,
    "cut to length": lengths.filter((length) => length === TEXT_MAX_CHARACTERS).length,
    missing: 0,
    doubled: 0,
  };
}

/** @param {import("node:http").ServerResponse} response */
function streamForEver(response) {
  const more = () => {
    while (!response.destroyed && response.write('"'.repeat(65_536)));
  };
  response.on("drain", more);
  more();
}
