// @ts-check
import { writeFileSync } from "node:fs";
import path from "node:path";
import { readArguments, wholeNumber } from "../scripts/command/arguments.mjs";
import { progress } from "../scripts/command/progress.mjs";
import { runCommand } from "../scripts/command/run.mjs";
import { scratchDirectory } from "../scripts/command/scratch.mjs";
import { spread } from "../scripts/command/statistics.mjs";
import { say } from "../scripts/command/terminal.mjs";
import { launchBrowser } from "../scripts/test/browser.mjs";
import { startWall } from "../scripts/trial/wall.mjs";
import { FIRST_LOAD_BUDGET_KB } from "./budget.mjs";
import { converse } from "./conversation.mjs";
import { firstVisit } from "./first-visit.mjs";
import * as phone from "./phone.mjs";
import { SCROLLED_MESSAGES, scrollBack } from "./scroll-back.mjs";

const VISITS = 5;
/** A single task may be longer because the machine had other work. */
const SCROLLS = 3;

/** The unit of Next's own build report. */
const BYTES_PER_KB = 1_000;
/** The size of Next and React without any of our code. */
const FRAMEWORK_KB = 103;
const BUDGET = {
  firstLoadKb: FIRST_LOAD_BUDGET_KB,
  ownKb: 22,
  lcpMs: 2_500,
  inpMs: 200,
  cls: 0.1,
  longestTaskMs: 50,
};

/** @typedef {import("./first-visit.mjs").Visit} Visit */
/** @typedef {import("./first-visit.mjs").Script} Script */
/** @typedef {import("./scroll-back.mjs").Scroll} Scroll */

const USAGE = `npm run bench:page [-- --visits N --json FILE]

Weight and speed of the built page on a mid phone, against its budgets. Needs a Chromium.

  --visits N   first visits to measure (${VISITS})
  --json FILE  write the raw samples here`;

runCommand(async () => {
  const { values } = readArguments(USAGE, {
    options: {
      visits: { type: "string", default: String(VISITS) },
      json: { type: "string" },
    },
  });
  const count = wholeNumber(values.visits, "--visits");
  const browser = await launchBrowser();
  const stateDir = scratchDirectory("bench");
  const wall = await startWall(stateDir);
  // Its own copy of the build: the checkout may be rebuilt meanwhile.
  const served = { url: wall.url, built: path.join(stateDir, "page") };
  try {
    await converse(wall.url);
    const bar = progress(count + SCROLLS);
    /** @type {Visit[]} */
    const visits = [];
    while (visits.length < count) {
      visits.push(await firstVisit(browser, served));
      bar(visits.length, "visits");
    }
    /** @type {Scroll[]} */
    const scrolls = [];
    while (scrolls.length < SCROLLS) {
      scrolls.push(await scrollBack(browser, wall.url));
      bar(count + scrolls.length, "scrolled");
    }
    bar.end();
    report(visits, scrolls);
    if (values.json)
      writeFileSync(
        values.json,
        JSON.stringify({ browser: browser.version(), ...phone, visits, scrolls }, null, 2),
      );
  } finally {
    await browser.close();
    await wall.stop();
  }
});

/**
 * @param {Visit[]} visits
 * @param {Scroll[]} scrolls
 */
function report(visits, scrolls) {
  /** @param {(script: Script) => number} bytes */
  const kilobytes = (bytes) =>
    visits.map(({ scripts }) => scripts.reduce((sum, one) => sum + bytes(one), 0) / BYTES_PER_KB);
  const onWire = kilobytes(({ wireBytes }) => wireBytes);
  /** @param {Script} script */
  const gzip = ({ gzipBytes, wireBytes }) => gzipBytes ?? wireBytes;
  const gzipped = kilobytes((script) => (script.isAskedFor ? gzip(script) : 0));
  const later = kilobytes((script) => (script.isAskedFor ? 0 : gzip(script)));
  const own = gzipped.map((all) => all - FRAMEWORK_KB);
  const lcps = visits.map(({ lcpMs }) => lcpMs);
  const inps = visits.map(({ inpMs }) => inpMs);
  const shifts = visits.map((one) => one.cls);
  const longest = scrolls.map(({ tasks }) => Math.max(0, ...tasks.map(({ ms }) => ms)));

  say("| figure | median | min–max | budget | |");
  say("| --- | --- | --- | --- | --- |");
  row("first-load JavaScript, files gzipped here", gzipped, BUDGET.firstLoadKb, "KB");
  row("loaded in addition for this conversation's links", later, null, "KB");
  row("all of it, as transferred", onWire, null, "KB");
  row(`beyond Next and React (${FRAMEWORK_KB} KB), gzipped`, own, BUDGET.ownKb, "KB");
  row("LCP", lcps, BUDGET.lcpMs, "ms");
  row(`INP (${phone.SHORTEST_EVENT_MS} ms: or less)`, inps, BUDGET.inpMs, "ms");
  row("CLS", shifts, BUDGET.cls, "");
  row(
    `longest task, scrolled over ${SCROLLED_MESSAGES} messages (below 50 ms: 0)`,
    longest,
    BUDGET.longestTaskMs,
    "ms",
  );
  say("");
  for (const { reached, seconds, tasks, stuck, disorder } of scrolls)
    say(
      `Scrolled over ${reached} of ${SCROLLED_MESSAGES} messages in ${seconds.toFixed(0)} s; ${tasks.length} tasks over 50 ms, stuck ${stuck} times, out of order or duplicated ${disorder} times.`,
    );
  say("Scripts of the first load, gzipped / as transferred:");
  for (const { path: script, gzipBytes, wireBytes } of visits[0]?.scripts ?? [])
    say(`  ${gzipBytes ?? "no such file"} / ${wireBytes}  ${script}`);
}

/**
 * @param {string} figure
 * @param {number[]} samples
 * @param {number | null} budget `null`: for comparison only
 * @param {string} unit
 */
function row(figure, samples, budget, unit) {
  const { median, least, most } = spread(samples);
  /** @param {number} value */
  const shown = (value) => (unit === "" ? value.toFixed(3) : `${value.toFixed(1)} ${unit}`);
  const range = `${shown(least)} – ${shown(most)}`;
  const verdict = budget === null ? "" : median <= budget ? "ok" : "over";
  const limit = budget === null ? "" : `${budget} ${unit}`.trim();
  say(`| ${figure} | ${shown(median)} | ${range} | ${limit} | ${verdict} |`);
}
