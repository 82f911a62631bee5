// @ts-check
import { Refusal } from "./refusal.mjs";

/** @param {string} line */
export function say(line) {
  process.stdout.write(`${line}\n`);
}

/** Resolves once all that was said is out: a pipe takes it piece by piece, and an exit would cut it off. */
export async function printed() {
  for (const stream of [process.stdout, process.stderr])
    await new Promise((resolve) => stream.write("", () => resolve(null)));
}

/**
 * Does a slow step and says how long it took.
 * @template T
 * @param {string} doing
 * @param {() => Promise<T>} step
 * @returns {Promise<T>}
 */
export async function timed(doing, step) {
  const began = performance.now();
  say(`  ${doing} …`);
  const result = await step();
  say(`  ${doing}: done in ${seconds(performance.now() - began)}`);
  return result;
}

/** @param {import("../stack/settings.mjs").Settings} settings */
export function announceTokens({ madeTokens }) {
  for (const [name, token] of Object.entries(madeTokens))
    say(`  ${name}=${token} (made for this run)`);
}

/** @param {number} ms */
export function seconds(ms) {
  return `${(ms / 1000).toFixed(1)} s`;
}

/** Error codes of the system, and the remedy for each. */
const REMEDIES = new Map([
  ["ENOSPC", "Make room on that disk."],
  ["EDQUOT", "Make room within your quota there."],
  ["EROFS", "Make that place writable."],
  ["EACCES", "Make that place writable for you."],
  ["EMFILE", "Allow more open files: ulimit -n."],
]);

/** @param {unknown} error */
export function explain(error) {
  process.stderr.write(`${inWords(error)}\n`);
}

/** @param {unknown} error */
function inWords(error) {
  if (error instanceof Refusal) return error.message;
  if (!(error instanceof Error)) return String(error);
  const remedy = REMEDIES.get(/** @type {NodeJS.ErrnoException} */ (error).code ?? "");
  return remedy ? `${error.message}. ${remedy}` : error.stack;
}
