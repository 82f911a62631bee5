// @ts-check
import { accessSync, chmodSync, constants, mkdirSync, readdirSync, statSync } from "node:fs";
import path from "node:path";
import { acquireLock } from "../command/lock.mjs";
import { Refusal } from "../command/refusal.mjs";

const OWNER_ONLY = 0o700;
const OTHERS = 0o077;
const STICKY = 0o1000;
const { R_OK, W_OK, X_OK } = constants;

/** @type {Set<string>} */
const claimed = new Set();

/**
 * Creates the state directory and locks it for this process: two servers on the same storage would
 * be two writers. Other users of the machine can't read it.
 * @param {string} stateDir
 * @throws {Refusal} if it can't be written, or another process has it
 */
export async function claimStateDir(stateDir) {
  if (claimed.has(stateDir)) return;
  const lock = await prepare(stateDir).catch((error) => {
    throw new Refusal(`STATE_DIR can't be used: ${error.message}. Set it to a writable directory.`);
  });
  if ("heldBy" in lock) {
    throw new Refusal(
      `${stateDir} is in use by ${lock.heldBy}. Stop that process, or set another STATE_DIR.`,
    );
  }
  claimed.add(stateDir);
  process.once("exit", lock.release);
}

/** @param {string} stateDir */
async function prepare(stateDir) {
  makeDirectory(stateDir, OWNER_ONLY);
  accessSync(stateDir, R_OK | W_OK | X_OK);
  hideFromOthers(stateDir);
  return acquireLock(stateDir, "lock");
}

/**
 * Like `mkdir -p`. Node's own `recursive` never returns for a directory under /proc that can't be
 * created.
 * @param {string} directory
 * @param {number} [mode]
 */
function makeDirectory(directory, mode) {
  try {
    mkdirSync(directory, mode);
  } catch (error) {
    const { code } = /** @type {NodeJS.ErrnoException} */ (error);
    const parent = path.dirname(directory);
    if (code === "ENOENT" && parent !== directory) {
      makeDirectory(parent);
      mkdirSync(directory, mode);
    } else if (code !== "EEXIST") {
      throw error;
    } else if (!statSync(directory).isDirectory()) {
      throw new Error(`${directory} is not a directory`);
    }
  }
}

/** @param {string} stateDir */
function hideFromOthers(stateDir) {
  const { mode, uid } = statSync(stateDir);
  if (!(mode & OTHERS)) return;
  // Closing /tmp would lock everybody else out. An empty one is a file system mounted for us.
  if (mode & STICKY && uid === process.getuid?.() && readdirSync(stateDir).length > 0)
    throw new Error(`all users of this machine share ${stateDir}`);
  try {
    chmodSync(stateDir, mode & OWNER_ONLY);
  } catch (error) {
    // A volume that belongs to another user, or a file system without permissions.
    const { message } = /** @type {Error} */ (error);
    process.stderr.write(`Other users of this machine may read ${stateDir}: ${message}\n`);
  }
}
