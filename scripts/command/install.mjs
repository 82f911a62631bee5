// @ts-check
import { lstat, readFile } from "node:fs/promises";
import path from "node:path";
import { provideHome } from "./home.mjs";
import { ROOT, STATE_DIR } from "./paths.mjs";
import { spawnCommand, spawnNode } from "./process-group.mjs";
import { firstLines, outcome } from "./quiet-run.mjs";
import { Refusal } from "./refusal.mjs";
import { timed } from "./terminal.mjs";

/** @typedef {Record<string, { version?: string, optional?: boolean, link?: boolean }>} LockedPackages */

/**
 * Installs the locked dependencies, unless exactly these are installed. Imports only Node's own
 * modules.
 * @param {string} [stateDir] holds the tools' files if the home can't be written
 */
export async function ensureInstalled(stateDir = STATE_DIR) {
  provideHome(stateDir);
  if (await lockedPackagesAreThere()) return;
  const present = await lstat(path.join(ROOT, "node_modules")).catch(() => null);
  if (present?.isSymbolicLink()) {
    // npm ci would empty it, and it belongs to another checkout.
    throw new Refusal(
      "node_modules is a link to a directory with other packages than package-lock.json's.",
    );
  }
  await timed("installing the locked dependencies", async () => {
    // `npm start` tells its scripts which npm runs them.
    const npm = process.env.npm_execpath;
    // With NODE_ENV=production npm would skip the packages that build and serve.
    const argv = ["ci", "--include=dev", "--no-audit", "--no-fund", "--loglevel=error"];
    const child = npm?.endsWith(".js")
      ? spawnNode([npm, ...argv], { env: process.env })
      : spawnCommand("npm", argv, process.env);
    const { code, output } = await outcome(child);
    if (code !== 0) {
      throw new Refusal(`npm ci failed:\n${firstLines(output, 20)}`);
    }
  });
}

async function lockedPackagesAreThere() {
  const locked = await packagesOf(path.join(ROOT, "package-lock.json"));
  // npm writes this file last, so an interrupted install has none.
  const installed = await packagesOf(path.join(ROOT, "node_modules", ".package-lock.json"));
  return locked !== null && installed !== null && sameVersions(locked, installed);
}

/**
 * Packages for other platforms are optional and missing; all others must be there, and nothing
 * else.
 * @param {LockedPackages} locked
 * @param {LockedPackages} installed
 */
export function sameVersions(locked, installed) {
  const inPlace = Object.entries(installed).every(
    ([place, { version }]) => locked[place]?.version === version,
  );
  const complete = Object.entries(locked).every(
    ([place, { optional }]) => place === "" || optional || place in installed,
  );
  return inPlace && complete;
}

/**
 * @param {string} file
 * @returns {Promise<LockedPackages | null>}
 */
async function packagesOf(file) {
  try {
    return JSON.parse(await readFile(file, "utf8")).packages;
  } catch {
    return null;
  }
}
