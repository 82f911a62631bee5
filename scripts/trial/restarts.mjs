// @ts-check
// Restarts bots and wall in every order, by SIGTERM and by SIGKILL, and checks that each message is answered exactly
// once.

const BOTS = 2;
/** Messages sent just before each restart, and again just after it. */
const MESSAGES = 6;

/** Each restart stops the parts in `stops`, then starts those in `starts`, in the order listed. */
const ORDERS = [
  { stops: ["bots"], starts: ["bots"] },
  { stops: ["wall"], starts: ["wall"] },
  { stops: ["bots", "wall"], starts: ["wall", "bots"] },
  { stops: ["bots", "wall"], starts: ["bots", "wall"] },
  { stops: ["wall", "bots"], starts: ["wall", "bots"] },
  { stops: ["wall", "bots"], starts: ["bots", "wall"] },
];
const SIGNALS = /** @type {const} */ (["SIGTERM", "SIGKILL"]);

/** @typedef {import("./conversation.mjs").Conversation} Conversation */

/** @param {Conversation} trial */
export async function restarts(trial) {
  return restartAll(trial, () => Array.from({ length: BOTS }, () => trial.startBot()));
}

/**
 * @param {Conversation} trial
 * @param {() => import("./bot.mjs").BotProcess[]} startBots
 * @param {(index: number) => { entity?: string }} [addressOf] to whom each message is addressed
 */
export async function restartAll(trial, startBots, addressOf = () => ({})) {
  /** @type {import("./bot.mjs").BotProcess[]} */
  let bots = [];
  /** @param {string} part */
  const start = async (part) => {
    if (part === "wall") await trial.start();
    else bots = startBots();
  };
  const send = async () => {
    for (let sent = 0; sent < MESSAGES; sent += 1)
      await trial.send(`message ${trial.sent.size}`, addressOf(trial.sent.size));
  };
  let done = 0;
  await start("wall");
  await start("bots");
  for (const signal of SIGNALS) {
    for (const { stops, starts } of ORDERS) {
      await send();
      for (const part of stops) {
        if (part === "wall") await trial.end(signal);
        else await Promise.all(bots.map((bot) => bot.end(signal)));
      }
      for (const part of starts) await start(part);
      await send();
      await trial.allAnswered();
      done += 1;
      trial.tell(done, SIGNALS.length * ORDERS.length);
    }
  }
  const replies = await trial.answeredForGood();
  return {
    "orders, each with SIGTERM and with -9": ORDERS.length,
    restarts: done,
    messages: trial.sent.size,
    answers: replies.size,
    missing: 0,
    "answered again": 0,
  };
}
