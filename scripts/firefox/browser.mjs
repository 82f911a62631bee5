// @ts-check
// A stock Firefox without a window, driven over WebDriver BiDi.
import { mkdirSync } from "node:fs";
import path from "node:path";
import puppeteer from "puppeteer-core";
import { endGroup, exited, spawnCommand } from "../command/process-group.mjs";
import { isExecutable, onPath } from "../command/programs.mjs";
import { firstLines } from "../command/quiet-run.mjs";
import { Refusal } from "../command/refusal.mjs";

/** The name of Debian's package, then the usual one. */
const NAMES = ["firefox-esr", "firefox"];
/** The first start creates the profile: many seconds on a busy machine. */
const START_DEADLINE_MS = 120_000;
const LISTENING = /WebDriver BiDi listening on (ws:\/\/\S+)/;
const VIEWPORT = { width: 1440, height: 900 };
/** Afterwards its output is only read, so that its pipes stay empty. */
const OUTPUT_MAX_CHARACTERS = 100_000;

/** @typedef {Awaited<ReturnType<typeof startFirefox>>} Firefox */

/**
 * The given Firefox, else the first on the PATH.
 * @returns {string} its path
 * @throws {Refusal} if there is none
 */
export function findFirefox() {
  const given = process.env.FIREFOX_PATH;
  if (given && !isExecutable(given))
    throw new Refusal(`FIREFOX_PATH is "${given}", but no program is there.`);
  const found = given || onPath(NAMES);
  if (!found) throw new Refusal("No Firefox found. Install one, or set FIREFOX_PATH to one.");
  return found;
}

/**
 * Starts a Firefox, whose processes end with this one.
 * @param {string} program
 * @param {string} directory an empty one, for its profile
 * @throws {Refusal} if it does not start
 */
export async function startFirefox(program, directory) {
  const profile = path.join(directory, "profile");
  mkdirSync(profile);
  // Under automation Firefox sets its own preferences: no updates, no telemetry, no first-run pages.
  const argv = ["--headless", "--no-remote", "--profile", profile, "--remote-debugging-port", "0"];
  const child = spawnCommand(program, argv, {
    ...process.env,
    HOME: directory,
    MOZ_CRASHREPORTER_DISABLE: "1",
  });
  const browser = await puppeteer.connect({
    browserWSEndpoint: `${await listening(child)}/session`,
    protocol: "webDriverBiDi",
    defaultViewport: VIEWPORT,
  });
  return { browser, version: await browser.version(), end: () => endGroup(child) };
}

/**
 * The address of its WebDriver BiDi.
 * @param {import("node:child_process").ChildProcess} child
 * @returns {Promise<string>}
 */
function listening(child) {
  return new Promise((resolve, reject) => {
    let output = "";
    /** @param {string} reason */
    const fail = (reason) => reject(new Refusal(`Firefox ${reason}:\n${firstLines(output, 15)}`));
    const late = setTimeout(() => fail("did not start in time"), START_DEADLINE_MS);
    exited(child).then((code) => fail(`ended with ${code} before it could be driven`));
    for (const stream of [child.stdout, child.stderr])
      stream?.on("data", (chunk) => {
        if (output.length < OUTPUT_MAX_CHARACTERS) output += chunk;
        const address = LISTENING.exec(output)?.[1];
        if (!address) return;
        clearTimeout(late);
        resolve(address);
      });
  });
}
