// @ts-check
import { mkdirSync } from "node:fs";
import path from "node:path";
import { acquireLock } from "../command/lock.mjs";
import { Refusal } from "../command/refusal.mjs";

/**
 * Makes the state directory this process's alone while it runs: two servers on the same storage would be
 * two writers.
 * @param {string} stateDir
 * @throws {Refusal} when it is another's
 */
export function claimStateDir(stateDir) {
  try {
    mkdirSync(stateDir, { recursive: true });
  } catch (error) {
    throw new Refusal(`STATE_DIR can't be made: ${/** @type {Error} */ (error).message}.`);
  }
  const lock = acquireLock(path.join(stateDir, "lock"));
  if ("heldBy" in lock) {
    throw new Refusal(
      `${stateDir} is in use by process ${lock.heldBy}. Stop that one, or give this one another STATE_DIR.`,
    );
  }
  process.once("exit", lock.release);
}
