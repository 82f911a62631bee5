// @ts-check
import { mkdirSync, readdirSync, rmSync, utimesSync } from "node:fs";
import path from "node:path";

// Wrangler's dev registry: a directory with one file per Worker and its address. The page's process
// watches it, but reads a file as empty while it is being written, and would read it again only at
// the next heartbeat, after 30 s. So we send heartbeats more often.
const HEARTBEAT_MS = 500;

/** @param {string} stateDir */
export function registryPath(stateDir) {
  return path.join(stateDir, "registry");
}

/**
 * Starts with an empty registry and makes sure that new entries are noticed.
 * @param {string} stateDir
 * @returns {() => void} stops it
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
    // A Worker is leaving, or the disk refuses; the next heartbeat retries.
  }
}
