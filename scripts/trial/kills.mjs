// @ts-check
// Bots repeatedly killed with -9 at any moment: each message is still answered once.
import { setTimeout as delay } from "node:timers/promises";
import { completion } from "./bot.mjs";

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

/** @typedef {{ bot: import("./bot.mjs").BotProcess, ready: Promise<unknown>, last: string, thought: (message: string) => void }} Life */

/** @param {import("./conversation.mjs").Conversation} trial */
export async function kills(trial) {
  const { random } = trial;
  /** @type {Set<Life>} */
  const lives = new Set();
  /**
   * The model's answers to each message; more than one if a bot died before the mark. @type
   * {Map<string, string[]>}
   */
  const thoughts = new Map();
  const endpoint = await trial.startEndpoint((message, response) => {
    const thinkMs = random.integer(THINK_MIN_MS, THINK_MAX_MS);
    setTimeout(() => {
      const before = thoughts.get(message) ?? [];
      const thought = `thought ${before.length + 1} on ${message}`;
      thoughts.set(message, [...before, thought]);
      response.end(completion(thought));
      for (const { thought } of lives) thought(message);
    }, thinkMs);
  });
  const counts = { kills: 0, "while thinking": 0, "while answering or marking": 0 };
  let isKilling = true;
  const liveAgainAndAgain = async () => {
    for (;;) {
      const life = begin(trial, endpoint.env);
      lives.add(life);
      await Promise.race([life.ready, life.bot.closed]);
      await delay(random.integer(LIFE_MIN_MS, LIFE_MAX_MS));
      const isAnswering = random.chance(0.5) && (await untilAnswering(life, () => isKilling));
      if (isAnswering) await delay(random.integer(0, ANSWERING_MS));
      // This bot survives the end of the kills.
      if (!isKilling) return;
      await life.bot.end("SIGKILL");
      lives.delete(life);
      counts.kills += 1;
      if (isAnswering) counts["while answering or marking"] += 1;
      else if (life.last.includes(" claimed: ")) counts["while thinking"] += 1;
      if (!isKilling) return;
    }
  };
  await trial.start();
  const killing = Array.from({ length: BOTS }, liveAgainAndAgain);
  try {
    for (let sent = 0; sent < MESSAGES; sent += 1) {
      await trial.send(`message ${sent}`);
      trial.tell(sent + 1, MESSAGES);
      await delay(PAUSE_MS);
    }
  } finally {
    isKilling = false;
    await Promise.all(killing);
  }
  trial.startBot();
  const replies = await trial.answeredForGood();
  return {
    bots: BOTS,
    ...counts,
    messages: MESSAGES,
    "thought about again": [...thoughts.values()].filter((said) => said.length > 1).length,
    "answered again, the first kept": [...replies.values()]
      .flat()
      .filter(({ replyTo = "", text }) => {
        const said = thoughts.get(trial.sent.get(replyTo)?.text ?? "") ?? [];
        return said.indexOf(text) < said.length - 1;
      }).length,
    answers: replies.size,
    missing: 0,
    doubled: 0,
  };
}

/**
 * A bot's process, until it is killed.
 * @param {import("./conversation.mjs").Conversation} trial
 * @param {Record<string, string>} env
 * @returns {Life}
 */
function begin(trial, env) {
  let isReady = () => {};
  const ready = new Promise((resolve) => {
    isReady = () => resolve(null);
  });
  /** @param {string} line */
  const onLine = (line) => {
    life.last = line;
    if (line.endsWith(" ready")) isReady();
  };
  const bot = trial.startBot({ name: "gull", args: ["--brain", "openai"], env, onLine });
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
