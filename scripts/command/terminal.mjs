// @ts-check
import { Refusal } from "./refusal.mjs";

/** @param {string} line */
export function say(line) {
  process.stdout.write(`${line}\n`);
}

/** Resolves once all output is written: pipes accept it in pieces, and an exit would cut it off. */
export async function printed() {
  for (const stream of [process.stdout, process.stderr])
    await new Promise((resolve) => stream.write("", () => resolve(null)));
}

/**
 * Runs a slow step and prints how long it took.
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

/** @param {import("../stack/tokens.mjs").Tokens} kept */
export function announceTokens(kept) {
  for (const [name, token] of Object.entries(kept))
    say(`  ${name}=${token} (generated; the same at the next start)`);
}

/** @param {number} ms */
export function seconds(ms) {
  return `${(ms / 1000).toFixed(1)} s`;
}

/** System error codes and their remedies. */
const REMEDIES = new Map([
  ["ENOSPC", "Free space on that disk."],
  ["EDQUOT", "Free space within your quota there."],
  ["EROFS", "Make that path writable."],
  ["EACCES", "Give yourself write permission for that path."],
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
