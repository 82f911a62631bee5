// @ts-check
// Bots repeatedly killed with -9 at any moment: each message is still answered once.
import { setTimeout as delay } from "node:timers/promises";
import { startBot } from "./bot-process.mjs";
import { completion, startEndpoint } from "./chat-endpoint.mjs";
import { TrialWall } from "./wall.mjs";

const BOTS = 5;
const MESSAGES = 300;
const PAUSE_MS = 250;
/** The model's thinking time: long enough to be killed halfway. */
const THINK_MIN_MS = 50;
const THINK_MAX_MS = 800;
/** Delay between a bot being ready and being killed. */
const LIFE_MIN_MS = 200;
const LIFE_MAX_MS = 5_000;
/**
 * Every other bot is killed within this time after its model has answered: while it posts the
 * answer or marks the message.
 */
const ANSWERING_MS = 80;

/** @typedef {{ bot: import("./bot-process.mjs").BotProcess, ready: Promise<unknown>, last: string, thought: (message: string) => void }} Life */

/** @param {{ random: () => number, tell: (done: number, of: number) => void }} trial */
export async function kills({ random, tell }) {
  const wall = new TrialWall();
  /** @type {Set<Life>} */
  const lives = new Set();
  /**
   * The model's answers to each message; more than one if a bot died before the mark. @type
   * {Map<string, string[]>}
   */
  const thoughts = new Map();
  const endpoint = await startEndpoint((message, response) => {
    const thinkMs = THINK_MIN_MS + random() * (THINK_MAX_MS - THINK_MIN_MS);
    setTimeout(() => {
      const before = thoughts.get(message) ?? [];
      const thought = `thought ${before.length + 1} on ${message}`;
      thoughts.set(message, [...before, thought]);
      response.end(completion(thought));
      for (const { thought } of lives) thought(message);
    }, thinkMs);
  });
  const counts = {
    kills: 0,
    "while thinking": 0,
    "while answering or marking": 0,
  };
  /**
   * Bots that survive the end of the kills. @type {Promise<import("./bot-process.mjs").BotProcess |
   * undefined>[]}
   */
  let bots = [];
  let isKilling = true;
  const liveAgainAndAgain = async () => {
    while (isKilling) {
      const life = begin(wall.url, endpoint.env);
      lives.add(life);
      await Promise.race([life.ready, life.bot.closed]);
      await delay(LIFE_MIN_MS + random() * (LIFE_MAX_MS - LIFE_MIN_MS));
      const isAnswering = random() < 0.5 && (await untilAnswering(life, () => isKilling));
      if (isAnswering) await delay(random() * ANSWERING_MS);
      if (!isKilling) return life.bot;
      await life.bot.end("SIGKILL");
      lives.delete(life);
      counts.kills += 1;
      if (isAnswering) counts["while answering or marking"] += 1;
      else if (life.last.includes(" claimed: ")) counts["while thinking"] += 1;
    }
  };
  try {
    await wall.start();
    bots = Array.from({ length: BOTS }, liveAgainAndAgain);
    for (let sent = 0; sent < MESSAGES; sent += 1) {
      await wall.send(`message ${sent}`);
      tell(sent + 1, MESSAGES);
      await delay(PAUSE_MS);
    }
    isKilling = false;
    await Promise.all(bots);
    bots.push(Promise.resolve(startBot(wall.url)));
    const replies = await wall.answeredForGood();
    return {
      bots: BOTS,
      ...counts,
      messages: MESSAGES,
      "thought about again": [...thoughts.values()].filter((said) => said.length > 1).length,
      "answered again, the first kept": [...replies.values()]
        .flat()
        .filter(({ replyTo = "", text }) => {
          const said = thoughts.get(wall.sent.get(replyTo)?.text ?? "") ?? [];
          return said.indexOf(text) < said.length - 1;
        }).length,
      answers: replies.size,
      missing: 0,
      doubled: 0,
    };
  } finally {
    isKilling = false;
    for (const bot of await Promise.all(bots)) await bot?.end("SIGTERM");
    endpoint.close();
    await wall.close();
  }
}

/**
 * A bot's process, until it is killed.
 * @param {string} url
 * @param {Record<string, string>} env
 * @returns {Life}
 */
function begin(url, env) {
  let isReady = () => {};
  const ready = new Promise((resolve) => {
    isReady = () => resolve(null);
  });
  /** @param {string} line */
  const onLine = (line) => {
    life.last = line;
    if (line.endsWith(" ready")) isReady();
  };
  const bot = startBot(url, { name: "gull", args: ["--brain", "openai"], env, onLine });
  const life = { bot, ready, last: "", thought: () => {} };
  return life;
}

/**
 * Waits until the model has answered this bot; false if the kills end before.
 * @param {Life} life
 * @param {() => boolean} goesOn
 */
async function untilAnswering(life, goesOn) {
  let isAnswering = false;
  life.thought = (message) => {
    isAnswering ||= life.last.endsWith(` says ${JSON.stringify(message)}`);
  };
  while (!isAnswering && goesOn()) await delay(1);
  return isAnswering;
}
