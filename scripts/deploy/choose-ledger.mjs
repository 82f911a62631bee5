// @ts-check
// The ledger of a wall is chosen at its first deploy: they differ in price by ten times.
import { createInterface } from "node:readline/promises";
import { Refusal } from "../command/refusal.mjs";
import { say } from "../command/terminal.mjs";
import { LEDGERS } from "../stack/settings.mjs";
import { keepSetting } from "./settings.mjs";

/** From docs/cost.md, which says how they were measured. */
const MONTHS = [
  { messages: "10", sqlite: "$5.06", kv: "$5.13" },
  { messages: "100", sqlite: "$5.69", kv: "$26.60" },
  { messages: "1,000", sqlite: "$21.50", kv: "$237" },
];

const QUESTION = [
  "The ledger is where a wall stores its messages. This is its first deploy: choose one.",
  "",
  "                               sqlite     kv",
  ...MONTHS.map(
    ({ messages, sqlite, kv }) =>
      `  ${`${messages} messages a minute`.padEnd(28)} ${sqlite.padEnd(10)} ${kv.padEnd(8)} a month, Paid plan`,
  ),
  "  Free plan                    fits       does not fit, not even when idle",
  "",
  "sqlite drops the oldest messages beyond 4.5 GB. kv keeps all of them, and people can still post",
  "while the wall's object is away. docs/ledgers.md compares them; a wall can be moved from kv to sqlite later.",
].join("\n");

/**
 * @typedef {object} Terminal
 * @property {boolean} isInteractive
 * @property {(question: string) => Promise<string>} ask
 */

/**
 * @param {Terminal} [terminal]
 * @param {(name: string, value: string) => void} [keep]
 * @returns {Promise<"kv" | "sqlite">}
 * @throws {Refusal} where nobody can be asked
 */
export async function chooseLedger(terminal = standardTerminal(), keep = keepSetting) {
  if (!terminal.isInteractive) {
    const { messages, sqlite, kv } = /** @type {(typeof MONTHS)[number]} */ (MONTHS.at(-1));
    throw new Refusal(
      `Set LEDGER for the first deploy: LEDGER=sqlite (${sqlite} a month at ${messages} messages a minute, fits the Free plan) or LEDGER=kv (${kv}, does not). docs/ledgers.md compares them.`,
    );
  }
  say(QUESTION);
  for (;;) {
    const answer = (await terminal.ask("LEDGER [sqlite]: ")).trim() || "sqlite";
    const ledger = LEDGERS.find((known) => known === answer);
    if (ledger) {
      keep("LEDGER", ledger);
      return ledger;
    }
    say(`“${answer}” is none of ${LEDGERS.join(", ")}.`);
  }
}

/** @returns {Terminal} */
function standardTerminal() {
  return {
    isInteractive: Boolean(process.stdin.isTTY && process.stdout.isTTY),
    ask: async (question) => {
      const lines = createInterface({ input: process.stdin, output: process.stdout });
      // A terminal in raw mode sends Ctrl-C as a key.
      lines.once("SIGINT", () => process.kill(process.pid, "SIGINT"));
      try {
        return await new Promise((resolve, reject) => {
          // The cursor is still behind the question.
          lines.once("close", () =>
            reject(new Refusal("\nNo ledger was chosen: nothing was sent. Run the command again.")),
          );
          // Closing the terminal rejects this, or leaves it pending, by the version of Node.
          lines.question(question).then(resolve, () => {});
        });
      } finally {
        lines.close();
      }
    },
  };
}
