// @ts-check
// Bots and wall restarted in every order, gently and by force: no message is answered twice or
// forgotten.
import { startBot } from "./bot-process.mjs";
import { TrialWall } from "./wall.mjs";

const BOTS = 2;
/** Messages before, during and after each restart. */
const MESSAGES = 6;

/** The parts to stop, and then to start, in this order. */
const ORDERS = [
  { ends: ["bots"], begins: ["bots"] },
  { ends: ["wall"], begins: ["wall"] },
  { ends: ["bots", "wall"], begins: ["wall", "bots"] },
  { ends: ["bots", "wall"], begins: ["bots", "wall"] },
  { ends: ["wall", "bots"], begins: ["wall", "bots"] },
  { ends: ["wall", "bots"], begins: ["bots", "wall"] },
];
const SIGNALS = /** @type {const} */ (["SIGTERM", "SIGKILL"]);

/** @param {{ random: () => number, tell: (done: number, of: number) => void }} trial */
export async function restarts({ tell }) {
  const wall = new TrialWall();
  /** @type {import("./bot-process.mjs").BotProcess[]} */
  let bots = [];
  /** @param {string} what */
  const begin = async (what) => {
    if (what === "wall") await wall.start();
    else bots = Array.from({ length: BOTS }, () => startBot(wall.url));
  };
  let done = 0;
  try {
    await begin("wall");
    await begin("bots");
    for (const signal of SIGNALS) {
      for (const { ends, begins } of ORDERS) {
        await send(wall, MESSAGES);
        for (const what of ends) {
          if (what === "wall") await wall.end(signal);
          else await Promise.all(bots.map((bot) => bot.end(signal)));
        }
        for (const what of begins) await begin(what);
        await send(wall, MESSAGES);
        await wall.allAnswered();
        done += 1;
        tell(done, SIGNALS.length * ORDERS.length);
      }
    }
    const replies = await wall.answeredForGood();
    return {
      "orders, each with SIGTERM and with -9": ORDERS.length,
      restarts: done,
      messages: wall.sent.size,
      answers: replies.size,
      missing: 0,
      "answered again": 0,
    };
  } finally {
    for (const bot of bots) await bot.end("SIGTERM");
    await wall.close();
  }
}

/**
 * @param {TrialWall} wall
 * @param {number} count
 */
async function send(wall, count) {
  for (let sent = 0; sent < count; sent += 1) await wall.send(`message ${wall.sent.size}`);
}
