// @ts-check
import { readFile, rm } from "node:fs/promises";
import path from "node:path";
import { readArguments } from "./command/arguments.mjs";
import { ensureInstalled } from "./command/install.mjs";
import { ROOT } from "./command/paths.mjs";
import { spawnNode } from "./command/process-group.mjs";
import { outcome } from "./command/quiet-run.mjs";
import { Refusal } from "./command/refusal.mjs";
import { isOlderNode, runCommand } from "./command/run.mjs";
import { scratchDirectory } from "./command/scratch.mjs";
import { explain, say, seconds } from "./command/terminal.mjs";
import { toolEnv } from "./command/tool-env.mjs";
import { dryRun } from "./deploy/dry-run.mjs";
import { BUILT, buildAnew } from "./page/build.mjs";
import {
  FAILED,
  PASSED,
  playwrightCounts,
  SKIPPED,
  sentence,
  sum,
  vitestCounts,
} from "./test/counts.mjs";
import { checkLockFile } from "./test/lock-file.mjs";

/** @typedef {import("./test/counts.mjs").Counts} Counts */

/** The oldest Node that vite supports; vitest runs on vite. */
const OLDEST_NODE_FOR_TESTS = "20.19";

/** Marks tests that only run with --long, because they are slow (e2e/fixtures.ts). */
const LONG_TAG = "@long";

const TSCONFIG_PLACES = [".", "worker", "worker/test"];

const USAGE = `npm test [-- --no-e2e | --long]

Runs every check, the fastest first; \`npm run check\` is the same with --no-e2e.

  --no-e2e  without the browser
  --long    also runs the browser's slow tests, of over three seconds each; keeps traces of failures`;

runCommand(async () => {
  const { values } = readArguments(USAGE, {
    options: {
      "no-e2e": { type: "boolean", default: false },
      long: { type: "boolean", default: false },
    },
  });
  if (isOlderNode(OLDEST_NODE_FOR_TESTS))
    throw new Refusal(
      `npm test needs Node ${OLDEST_NODE_FOR_TESTS} or later; this is ${process.versions.node}. npm start works with this one.`,
    );
  const reports = scratchDirectory("reports");
  await ensureInstalled();

  const results = [
    await part("lock file", checkLockFile),
    await part("format and lint", () => tool("@biomejs/biome/bin/biome", ["check", "."])),
  ];
  // Next.js's types from the last build may name routes that no longer exist.
  await rm(path.join(ROOT, ".next", "types"), { recursive: true, force: true });
  const typesOf = (/** @type {string} */ place) =>
    part(`types of ${place}`, () => tool("typescript/bin/tsc", ["--noEmit", "-p", place]));
  // Each uses one processor.
  results.push(...(await Promise.all(TSCONFIG_PLACES.map(typesOf))));
  results.push(await part("unit tests", () => unitTests(path.join(reports, "vitest.json"))));
  const built = await part("build", build);
  results.push(built);
  results.push(await part("deploy dry run", () => (built.failed ? notBuilt() : deployDry())));
  if (!values["no-e2e"]) {
    const report = path.join(reports, "playwright.json");
    const browserTests = () => endToEnd(report, values.long);
    results.push(await part("end to end", () => (built.failed ? notBuilt() : browserTests())));
  }

  const total = sum(results);
  if (total.failed > 0) process.exitCode = 1;
  say(sentence(total));
});

/**
 * @param {string} title
 * @param {() => Promise<Counts>} check
 */
async function part(title, check) {
  const began = performance.now();
  say(`${title} …`);
  const counts = await check();
  const verdict = counts.failed > 0 ? "FAILED" : "ok";
  say(`${title}: ${verdict}, ${sentence(counts)} in ${seconds(performance.now() - began)}`);
  return counts;
}

/**
 * @param {string} script under node_modules
 * @param {string[]} argv
 */
async function tool(script, argv) {
  return (await run(script, argv)) === 0 ? PASSED : FAILED;
}

async function build() {
  try {
    await buildAnew("main");
    return PASSED;
  } catch (error) {
    explain(error);
    return FAILED;
  }
}

async function deployDry() {
  try {
    await dryRun(BUILT, "checked");
    return PASSED;
  } catch (error) {
    explain(error);
    return FAILED;
  }
}

/** @param {string} report */
async function unitTests(report) {
  const argv = ["run", "--reporter=default", "--reporter=json", `--outputFile.json=${report}`];
  const code = await run("vitest/vitest.mjs", argv);
  return counted(code, report, vitestCounts);
}

async function notBuilt() {
  say("  not run: there is no page to test");
  return SKIPPED;
}

/**
 * @param {string} report
 * @param {boolean} isLong
 */
async function endToEnd(report, isLong) {
  // Imported late: a fresh clone has no Playwright before `ensureInstalled` has run.
  const { provideBrowser } = await import("./test/browser.mjs");
  try {
    const browser = await provideBrowser();
    say(`  in ${browser}`);
    const argv = ["test", "--reporter=list,json"];
    if (isLong) argv.push("--trace", "retain-on-failure");
    else argv.push("--grep-invert", LONG_TAG);
    const code = await run("@playwright/test/cli.js", argv, {
      CHROMIUM_PATH: browser,
      PLAYWRIGHT_JSON_OUTPUT_FILE: report,
    });
    return await counted(code, report, playwrightCounts);
  } catch (error) {
    explain(error);
    return FAILED;
  }
}

/**
 * A runner that fails but reports no failed test counts as one more failure; one without a readable
 * report, as one failure.
 * @param {number} code
 * @param {string} report
 * @param {(report: any) => Counts} countsOf
 */
async function counted(code, report, countsOf) {
  try {
    const counts = countsOf(JSON.parse(await readFile(report, "utf8")));
    return code !== 0 && counts.failed === 0 ? sum([counts, FAILED]) : counts;
  } catch {
    return FAILED;
  }
}

/**
 * Runs a tool; prints its output only if it failed.
 * @param {string} script under node_modules
 * @param {string[]} argv
 * @param {Record<string, string>} env
 */
async function run(script, argv, env = {}) {
  const child = spawnNode([path.join(ROOT, "node_modules", script), ...argv], {
    env: { ...toolEnv(), ...env },
  });
  const { code, output } = await outcome(child);
  if (code !== 0) process.stdout.write(`${output.trimEnd()}\n`);
  return code;
}
