// @ts-check
// Bots and wall restarted in every order, gently and by force: no message is answered twice or
// forgotten.

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

/** @param {import("./conversation.mjs").Conversation} trial */
export async function restarts(trial) {
  /** @type {import("./bot.mjs").BotProcess[]} */
  let bots = [];
  /** @param {string} part */
  const begin = async (part) => {
    if (part === "wall") await trial.start();
    else bots = Array.from({ length: BOTS }, () => trial.startBot());
  };
  const send = async () => {
    for (let sent = 0; sent < MESSAGES; sent += 1) await trial.send(`message ${trial.sent.size}`);
  };
  let done = 0;
  await begin("wall");
  await begin("bots");
  for (const signal of SIGNALS) {
    for (const { ends, begins } of ORDERS) {
      await send();
      for (const part of ends) {
        if (part === "wall") await trial.end(signal);
        else await Promise.all(bots.map((bot) => bot.end(signal)));
      }
      for (const part of begins) await begin(part);
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
