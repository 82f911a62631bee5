// @ts-check
import { spawn } from "node:child_process";
import { ROOT } from "./paths.mjs";

// npm, wrangler and next start their own processes. Each runs as the leader of a process group, so
// that the whole group can be ended, and a Ctrl-C in the terminal reaches only this process, which
// knows the order.

const LEASH = new URL("./leash.mjs", import.meta.url).href;
const GRACE_MS = 5_000;

/** @typedef {import("node:child_process").ChildProcess} ChildProcess */

/** @type {Set<ChildProcess>} */
const groups = new Set();
process.once("exit", () => {
  for (const child of groups) signalGroup(child, "SIGKILL");
});

/**
 * Starts a Node program in its own group, which ends with this process.
 * @param {string[]} argv script and arguments
 * @param {{ env: NodeJS.ProcessEnv, inherit?: boolean, cwd?: string }} options
 */
export function spawnNode(argv, { env, inherit = false, cwd = ROOT }) {
  const output = inherit ? "inherit" : "pipe";
  return track(
    spawn(process.execPath, ["--import", LEASH, ...argv], {
      cwd,
      env: { ...env, LEASH_HOLDER: String(process.pid) },
      detached: true,
      stdio: ["ignore", output, output, "ipc"],
    }),
  );
}

/**
 * Starts any program in its own group.
 * @param {string} command
 * @param {string[]} argv
 * @param {NodeJS.ProcessEnv} env
 */
export function spawnCommand(command, argv, env) {
  return track(
    spawn(command, argv, { cwd: ROOT, env, detached: true, stdio: ["ignore", "pipe", "pipe"] }),
  );
}

/**
 * Asks a group to end, and makes sure that it does.
 * @param {ChildProcess} child
 */
export async function endGroup(child) {
  if (!groups.has(child)) return;
  const gone = exited(child);
  signalGroup(child, "SIGTERM");
  const impatience = setTimeout(() => signalGroup(child, "SIGKILL"), GRACE_MS);
  await gone;
  clearTimeout(impatience);
}

/**
 * Kills a group that no longer reacts to signals.
 * @param {ChildProcess} child
 */
export function killGroup(child) {
  if (groups.has(child)) signalGroup(child, "SIGKILL");
}

export async function endAllGroups() {
  await Promise.all([...groups].map(endGroup));
}

/**
 * @param {ChildProcess} child
 * @returns {Promise<number>} the exit code, or 128 plus the signal's number
 */
export function exited(child) {
  return new Promise((resolve) => {
    child.once("exit", (code) => resolve(code ?? 128));
    child.once("error", () => resolve(127));
  });
}

/** @param {ChildProcess} child */
function track(child) {
  groups.add(child);
  const leave = () => {
    // The leader has ended; the rest of its group has no reason to continue.
    signalGroup(child, "SIGKILL");
    groups.delete(child);
  };
  child.once("exit", leave);
  child.once("error", leave);
  return child;
}

/**
 * @param {ChildProcess} child
 * @param {NodeJS.Signals} signal
 */
function signalGroup(child, signal) {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, signal);
  } catch {
    // ESRCH: the group is empty.
  }
}
