// @ts-check
import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";

/**
 * A lock file holding the pid of its owner. One whose owner is gone is taken over.
 * @param {string} file
 * @returns {{ release: () => void } | { heldBy: number }}
 */
export function acquireLock(file) {
  // Linked into place with the pid in it: a file that is made and then written is for a moment nobody's.
  const own = `${file}.${process.pid}`;
  writeFileSync(own, `${process.pid}\n`);
  try {
    for (;;) {
      if (moved(() => linkSync(own, file), "EEXIST"))
        return { release: () => rmSync(file, { force: true }) };
      const owner = ownerOf(file);
      if (owner !== null && isOurs(owner)) return { heldBy: owner };
      takeAway(file, owner);
    }
  } finally {
    rmSync(own);
  }
}

/**
 * Removes a lock that was left behind, and no other: by now another may have taken it over.
 * @param {string} file
 * @param {number | null} owner who is gone
 */
function takeAway(file, owner) {
  const aside = `${file}.${process.pid}.old`;
  if (ownerOf(file) !== owner || !moved(() => renameSync(file, aside), "ENOENT")) return;
  if (ownerOf(aside) !== owner) moved(() => linkSync(aside, file), "EEXIST");
  rmSync(aside);
}

/**
 * @param {() => void} move
 * @param {string} code of the error which says that somebody else was quicker
 */
function moved(move, code) {
  try {
    move();
    return true;
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code === code) return false;
    throw error;
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
