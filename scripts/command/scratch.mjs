// @ts-check
// Temporary files and directories: none outlives this process, even if a signal ends it.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

/** @type {Set<string>} */
const doomed = new Set();
process.once("exit", () => {
  for (const place of doomed) remove(place);
});

/** @param {string} place a file or a directory */
export function removeAtExit(place) {
  doomed.add(place);
}

/**
 * A new directory in the system's temporary directory, readable only by its owner.
 * @param {string} name
 */
export function scratchDirectory(name) {
  const directory = mkdtempSync(path.join(tmpdir(), `saywhatwant-${name}-`));
  removeAtExit(directory);
  return directory;
}

/**
 * The same, for the duration of one use.
 * @template T
 * @param {string} name
 * @param {(directory: string) => Promise<T>} use
 */
export async function withScratchDirectory(name, use) {
  return removedAfter(scratchDirectory(name), use);
}

/**
 * Removes a file or a directory after one use, and if this process ends before.
 * @template T
 * @param {string} place
 * @param {(place: string) => Promise<T>} use
 */
export async function removedAfter(place, use) {
  removeAtExit(place);
  try {
    return await use(place);
  } finally {
    remove(place);
  }
}

/** @param {string} place */
function remove(place) {
  // A server that is shutting down may still write into it.
  rmSync(place, { recursive: true, force: true, maxRetries: 5 });
  doomed.delete(place);
}
