// @ts-check
import { parseArgs } from "node:util";
import { Refusal } from "./refusal.mjs";

/**
 * What stands behind a command, or in one sentence why that can't be.
 * @template {NonNullable<import("node:util").ParseArgsConfig["options"]>} Options
 * @param {Options} options
 * @param {string} usage
 * @throws {Refusal} for what the command does not know
 */
export function readArguments(options, usage) {
  try {
    return parseArgs({ options }).values;
  } catch (error) {
    throw new Refusal(`${error instanceof Error ? error.message : error}\n${usage}`);
  }
}
