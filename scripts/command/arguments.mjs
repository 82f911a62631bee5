// @ts-check
// Reads command-line arguments. Each command answers --help with its usage text, and an unknown
// argument with one sentence.
import { parseArgs } from "node:util";
import { WrongArgument } from "./refusal.mjs";

/** Thrown for --help: its message is the usage text, and the command succeeds. */
export class HelpAsked extends Error {}

/**
 * @template {import("node:util").ParseArgsConfig} [Config={}]
 * @param {string} usage begins with the call: `npm run NAME …`
 * @param {Config} [config]
 * @returns {ReturnType<typeof parseArgs<Config>>}
 * @throws {HelpAsked}
 * @throws {WrongArgument} for unknown arguments
 */
export function readArguments(usage, config) {
  const args = process.argv.slice(2);
  if (args.includes("--help")) throw new HelpAsked(usage);
  try {
    return parseArgs(/** @type {Config} */ ({ args, ...config }));
  } catch (error) {
    const [command = ""] = /^npm (run )?\S+/.exec(usage) ?? [];
    // After its first sentence Node explains how an argument could begin with a dash.
    const [sentence] = (error instanceof Error ? error.message : String(error)).split(/\. |\n/);
    throw new WrongArgument(`${sentence?.replace(/\.$/, "")}. See ${command} -- --help.`);
  }
}

/**
 * @param {string} text
 * @param {string} option
 * @throws {WrongArgument} unless it is a whole number above 0
 */
export function wholeNumber(text, option) {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value >= 1) return value;
  throw new WrongArgument(`${option} must be a whole number over 0, not “${text}”.`);
}

/**
 * @template {string} Choice
 * @param {string} text
 * @param {string} option
 * @param {readonly Choice[]} choices
 * @returns {Choice}
 * @throws {WrongArgument} unless it is one of these
 */
export function oneOf(text, option, choices) {
  const choice = choices.find((known) => known === text);
  if (choice !== undefined) return choice;
  throw new WrongArgument(`${option} must be ${choices.join(" or ")}, not “${text}”.`);
}
