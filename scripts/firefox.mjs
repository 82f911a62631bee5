// @ts-check
import { readArguments } from "./command/arguments.mjs";
import { runCommand } from "./command/run.mjs";
import { scratchDirectory } from "./command/scratch.mjs";
import { say, seconds } from "./command/terminal.mjs";
import { findFirefox, startFirefox } from "./firefox/browser.mjs";
import { collectComplaints } from "./firefox/complaints.mjs";
import { stepsOf } from "./firefox/steps.mjs";
import { startWall } from "./trial/wall.mjs";

const USAGE = `npm run firefox

Uses the real wall in a stock Firefox: reading, sending, two tabs, the live channel, search, a permalink, /status
and /admin. Fails if a step fails or a page complains in the console. Needs a Firefox, on the PATH or at
FIREFOX_PATH, and uses only 127.0.0.1.`;

runCommand(async () => {
  readArguments(USAGE);
  const program = findFirefox();
  const stateDir = scratchDirectory("firefox-wall");
  const wall = await startWall(stateDir);
  const firefox = await startFirefox(program, scratchDirectory("firefox"));
  try {
    say(`${firefox.version} at ${program}`);
    /** @type {string[]} */
    const complaints = [];
    const openTab = async () => {
      const page = await firefox.browser.newPage();
      await collectComplaints(page, complaints);
      return page;
    };
    for (const [title, run] of stepsOf({ url: wall.url, openTab })) await step(title, run);
    await step("no page complained in the console", async () => {
      if (complaints.length > 0) throw new Error(complaints.join("\n"));
    });
  } finally {
    await firefox.end();
    await wall.stop();
  }
});

/**
 * @param {string} title
 * @param {() => Promise<void>} run
 */
async function step(title, run) {
  const began = performance.now();
  try {
    await run();
    say(`ok      ${title} (${seconds(performance.now() - began)})`);
  } catch (error) {
    process.exitCode = 1;
    say(`FAILED  ${title}: ${/** @type {Error} */ (error).message}`);
  }
}
