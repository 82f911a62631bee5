// @ts-check
import { readFileSync, rmSync, writeFileSync } from "node:fs";

/**
 * A lock file holding the pid of its owner. One whose owner is gone is taken over.
 * @param {string} file
 * @returns {{ release: () => void } | { heldBy: number }}
 */
export function acquireLock(file) {
  for (;;) {
    try {
      writeFileSync(file, `${process.pid}\n`, { flag: "wx" });
      return { release: () => rmSync(file, { force: true }) };
    } catch (error) {
      if (/** @type {NodeJS.ErrnoException} */ (error).code !== "EEXIST") throw error;
    }
    const owner = ownerOf(file);
    if (owner !== null && isOurs(owner)) return { heldBy: owner };
    rmSync(file, { force: true });
  }
}

/** @param {string} file */
function ownerOf(file) {
  try {
    return Number.parseInt(readFileSync(file, "utf8"), 10) || null;
  } catch {
    return null;
  }
}

/**
 * Whether a process of that id runs and, where the system tells, is a script of ours: after a restart of the
 * machine the same id may be anyone's.
 * @param {number} pid
 */
function isOurs(pid) {
  if (pid === process.pid) return false;
  try {
    process.kill(pid, 0);
  } catch (error) {
    return /** @type {NodeJS.ErrnoException} */ (error).code === "EPERM";
  }
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").includes("scripts/");
  } catch {
    return true;
  }
}
