// @ts-check
// The options and the result of a trial, and the wall that is killed under load.
import { oneOf, readArguments, wholeNumber } from "../command/arguments.mjs";
import { scratchDirectory } from "../command/scratch.mjs";
import { say } from "../command/terminal.mjs";
import { LEDGERS } from "../stack/settings.mjs";
import { lookUpAll, startLoad } from "./load.mjs";
import { startWall } from "./wall.mjs";

/**
 * Reads options whose defaults are given: whole numbers, `ledger`, and any other text.
 * @template {Record<string, number | string>} Options
 * @param {string} usage
 * @param {Options} defaults
 * @returns {Options}
 * @throws {import("../command/refusal.mjs").WrongArgument}
 */
export function readOptions(usage, defaults) {
  const { values } = readArguments(usage, {
    options: Object.fromEntries(
      Object.entries(defaults).map(([name, value]) => [
        name,
        { type: /** @type {const} */ ("string"), default: String(value) },
      ]),
    ),
  });
  const read = Object.entries(values).map(([name, value]) => {
    const text = String(value);
    if (name === "ledger") return [name, oneOf(text, "--ledger", LEDGERS)];
    return [name, typeof defaults[name] === "number" ? wholeNumber(text, `--${name}`) : text];
  });
  return Object.fromEntries(read);
}

/**
 * Prints a result as a table of one row, by the names of its columns.
 * @param {Record<string, string | number>} row
 */
export function sayTable(row) {
  const names = Object.keys(row);
  for (const cells of [names, names.map(() => "---"), Object.values(row)])
    say(`| ${cells.join(" | ")} |`);
}

/** @typedef {{ wall: import("./wall.mjs").Wall, acknowledged: import("./load.mjs").Acknowledged, round: number }} Life */

/**
 * Kills the whole wall with -9 under load, round after round. After each restart, looks up everything that was
 * acknowledged so far.
 * @param {object} trial
 * @param {import("./load.mjs").Load} trial.load
 * @param {string} trial.ledger
 * @param {(round: number) => boolean} trial.goesOn whether there is another round
 * @param {(life: Life) => Promise<unknown>} trial.live resolves when the wall is to be killed
 * @param {(round: number, acknowledged: number) => void} [trial.onRound] called after a look-up
 * @throws {import("../command/refusal.mjs").Refusal} if something is missing, doubled or unmarked
 */
export async function killUnderLoad({ load, ledger, goesOn, live, onRound = () => {} }) {
  const stateDir = scratchDirectory(load.name);
  /** @type {import("./load.mjs").Acknowledged} */
  const acknowledged = new Map();
  /** @type {number[]} */
  const readyMs = [];
  let wall = await startWall(stateDir, { ledger });
  try {
    for (let round = 1; goesOn(round); round += 1) {
      const loading = startLoad(wall.url, acknowledged, { ...load, round });
      await live({ wall, acknowledged, round });
      await wall.kill();
      await loading.end();
      wall = await startWall(stateDir, { ledger });
      readyMs.push(wall.readyMs);
      await lookUpAll(wall.url, acknowledged);
      onRound(round, acknowledged.size);
    }
  } finally {
    await wall.kill();
  }
  return { entries: [...acknowledged.values()], readyMs };
}
