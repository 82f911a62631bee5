// @ts-check
import { mkdirSync, readdirSync, rmSync, utimesSync } from "node:fs";
import path from "node:path";

// Wrangler's dev registry: a directory with one file for each Worker that says where it is. The page's process
// watches it, and reads a file at the moment it is being written as an empty one; it would look again only at
// the next heartbeat, after 30 s. So we give the heartbeat more often.
const HEARTBEAT_MS = 500;

/** @param {string} stateDir */
export function registryPath(stateDir) {
  return path.join(stateDir, "registry");
}

/**
 * Begins with an empty registry and keeps what is written there noticed.
 * @param {string} stateDir
 * @returns {() => void} ends it
 */
export function keepRegistry(stateDir) {
  const registry = registryPath(stateDir);
  rmSync(registry, { recursive: true, force: true });
  mkdirSync(registry);
  const timer = setInterval(() => touchAll(registry), HEARTBEAT_MS);
  return () => clearInterval(timer);
}

/** @param {string} registry */
function touchAll(registry) {
  const now = new Date();
  try {
    for (const name of readdirSync(registry)) utimesSync(path.join(registry, name), now, now);
  } catch {
    // A Worker is just leaving, or the disk refuses; the next beat tries again.
  }
}
