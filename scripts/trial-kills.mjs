// @ts-check
// Bots that are killed with -9 at any moment, again and again: each message is answered once all the same.
import { setTimeout as delay } from "node:timers/promises";
import { startBot } from "./bot-process.mjs";
import { completion, startEndpoint } from "./chat-endpoint.mjs";
import { TrialWall } from "./trial-wall.mjs";

const BOTS = 5;
const MESSAGES = 300;
const PAUSE_MS = 250;
/** How long the model thinks: long enough to be killed in the middle. */
const THINK_MIN_MS = 50;
const THINK_MAX_MS = 800;
/** Between a bot being ready and being killed. */
const LIFE_MIN_MS = 200;
const LIFE_MAX_MS = 5_000;

/** @param {{ random: () => number, tell: (done: number, of: number) => void }} trial */
export async function kills({ random, tell }) {
  const wall = new TrialWall();
  const endpoint = await startEndpoint((message, response) => {
    const thinkMs = THINK_MIN_MS + random() * (THINK_MAX_MS - THINK_MIN_MS);
    setTimeout(() => response.end(completion(`an answer to ${message}`)), thinkMs);
  });
  const counts = { kills: 0, "killed while thinking": 0, "killed between answer and mark": 0 };
  let isKilling = true;
  const lives = async () => {
    while (isKilling) {
      let isReady = () => {};
      const ready = new Promise((resolve) => {
        isReady = () => resolve(null);
      });
      let last = "";
      const bot = startBot(wall.url, {
        name: "gull",
        args: ["--brain", "openai"],
        env: endpoint.env,
        onLine(line) {
          last = line;
          if (line.endsWith(" ready")) isReady();
          if (line.endsWith("has its answer already"))
            counts["killed between answer and mark"] += 1;
        },
      });
      await Promise.race([ready, bot.closed]);
      await delay(LIFE_MIN_MS + random() * (LIFE_MAX_MS - LIFE_MIN_MS));
      if (!isKilling) return bot;
      await bot.end("SIGKILL");
      counts.kills += 1;
      if (last.includes(" claimed: ")) counts["killed while thinking"] += 1;
    }
  };
  try {
    await wall.start();
    const bots = Array.from({ length: BOTS }, lives);
    for (let sent = 0; sent < MESSAGES; sent += 1) {
      await wall.send(`message ${sent}`);
      tell(sent + 1, MESSAGES);
      await delay(PAUSE_MS);
    }
    isKilling = false;
    const left = await Promise.all(bots);
    const watcher = left.some(Boolean) ? null : startBot(wall.url);
    const replies = await wall.answeredForGood();
    for (const bot of [...left, watcher]) await bot?.end("SIGTERM");
    return {
      bots: BOTS,
      ...counts,
      messages: MESSAGES,
      answers: replies.size,
      missing: 0,
      doubled: 0,
    };
  } finally {
    endpoint.close();
    await wall.close();
  }
}
