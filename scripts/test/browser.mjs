// @ts-check
import { existsSync } from "node:fs";
import path from "node:path";
import { chromium } from "@playwright/test";
import { ROOT } from "../command/paths.mjs";
import { spawnCommand, spawnNode } from "../command/process-group.mjs";
import { isExecutable, onPath } from "../command/programs.mjs";
import { outcome } from "../command/quiet-run.mjs";
import { Refusal } from "../command/refusal.mjs";
import { timed } from "../command/terminal.mjs";
import { toolEnv } from "../command/tool-env.mjs";

/** Launch options for a browser in tests and measurements. */
export const BROWSER_ARGS = [
  // Chromium's sandbox does not work as root, the user in CI containers.
  ...(process.getuid?.() === 0 ? ["--no-sandbox"] : []),
  "--disable-gpu",
  // Pages for an address bar that nobody sees: seconds of CPU time.
  "--disable-features=WebUIOmniboxPopup,WebUIOmniboxAimPopup",
];

const SYSTEM_NAMES = ["chromium", "chromium-browser", "google-chrome-stable", "google-chrome"];

/**
 * A Chromium on this machine: the given one, else Playwright's own, else the system's.
 * @returns {string | null} its path
 */
export function findBrowser() {
  const given = process.env.CHROMIUM_PATH;
  if (given) return given;
  const own = chromium.executablePath();
  return existsSync(own) ? own : onPath(SYSTEM_NAMES);
}

/** @throws {Refusal} if there is none */
export async function launchBrowser() {
  const executablePath = findBrowser();
  if (!executablePath) throw new Refusal("No Chromium found. Set CHROMIUM_PATH to one.");
  return chromium.launch({ executablePath, args: BROWSER_ARGS });
}

/**
 * A Chromium's path as above; if there is none, installs one: Playwright's download, else Debian's
 * package.
 * @returns {Promise<string>}
 */
export async function provideBrowser() {
  const given = process.env.CHROMIUM_PATH;
  if (given && !isExecutable(given)) {
    throw new Refusal(`CHROMIUM_PATH is "${given}", but no program is there.`);
  }
  const found = findBrowser() ?? (await downloadPlaywrights()) ?? (await installDebians());
  if (!found) {
    throw new Refusal("No Chromium found, and none could be installed. Set CHROMIUM_PATH to one.");
  }
  return found;
}

async function downloadPlaywrights() {
  await timed("no Chromium here: downloading Playwright's", async () => {
    const cli = path.join(ROOT, "node_modules", "@playwright", "test", "cli.js");
    await outcome(spawnNode([cli, "install", "chromium"], { env: toolEnv() }));
  });
  return findBrowser();
}

async function installDebians() {
  if (!onPath(["apt-get"])) return null;
  // -n: don't ask for a password.
  const asRoot = process.getuid?.() === 0 ? [] : ["sudo", "-n"];
  const env = { ...toolEnv(), DEBIAN_FRONTEND: "noninteractive" };
  await timed("that failed: installing Debian's chromium", async () => {
    for (const step of [["update"], ["install", "-y", "--no-install-recommends", "chromium"]]) {
      const [command = "apt-get", ...argv] = [...asRoot, "apt-get", ...step];
      await outcome(spawnCommand(command, argv, env));
    }
  });
  return findBrowser();
}
