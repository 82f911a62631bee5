// @ts-check
import { writeFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { oneOf, readArguments, wholeNumber } from "../../scripts/command/arguments.mjs";
import { progress } from "../../scripts/command/progress.mjs";
import { WrongArgument } from "../../scripts/command/refusal.mjs";
import { runCommand } from "../../scripts/command/run.mjs";
import { scratchDirectory } from "../../scripts/command/scratch.mjs";
import { say, seconds } from "../../scripts/command/terminal.mjs";
import { LEDGERS } from "../../scripts/stack/settings.mjs";
import { LANES, Lane } from "./lanes.mjs";
import { bundleSizes, fileOf } from "./sizes.mjs";

/** @typedef {{ seed: number, faultyMs: number, ledger: "kv" | "sqlite" }} World */

const SEEDS = 300;
/** Simulated minutes of one world, including the four without faults at its end. */
const WORLD_MINUTES = 6;
const HEALING_MINUTES = 4;

const USAGE = `npm run sim [-- --seeds N --from S --hours H --ledger kv|sqlite --report FILE]
npm run sim -- --seed S [--hours H --ledger kv|sqlite]

Runs the wall in simulated worlds with faults (docs/simulation.md). Stops at the first violation and prints
the command that replays it.

  --seeds N      worlds, each with its own seed (${SEEDS})
  --from S       the first seed, to continue another run (1)
  --hours H      simulated hours of all worlds together (${WORLD_MINUTES} minutes of each)
  --seed S       only this world, line by line; --hours is then its length
  --ledger L     kv (the default) or sqlite
  --report FILE  what all came to, as Markdown`;

runCommand(async () => {
  const { from, seeds, seed, report, ...world } = options();
  const files = await bundleSizes(scratchDirectory("sim"));
  if (seed !== undefined) await replay(files, { seed, ...world });
  else await runAll(files, { from, seeds }, world, report);
});

function options() {
  const { values } = readArguments(USAGE, {
    options: {
      seeds: { type: "string", default: String(SEEDS) },
      from: { type: "string", default: "1" },
      hours: { type: "string" },
      seed: { type: "string" },
      ledger: { type: "string", default: "kv" },
      report: { type: "string" },
    },
  });
  const seed = values.seed === undefined ? undefined : wholeNumber(values.seed, "--seed");
  const seeds = wholeNumber(values.seeds, "--seeds");
  const from = wholeNumber(values.from, "--from");
  const worlds = seed === undefined ? seeds : 1;
  const minutes =
    values.hours === undefined ? WORLD_MINUTES : (60 * readHours(values.hours)) / worlds;
  if (minutes <= HEALING_MINUTES)
    throw new WrongArgument(
      `--hours must be over ${((worlds * HEALING_MINUTES) / 60).toFixed(2)} for ${worlds} worlds, each of which ends with ${HEALING_MINUTES} minutes without faults.`,
    );
  const faultyMs = Math.round((minutes - HEALING_MINUTES) * 60_000);
  const ledger = oneOf(values.ledger, "--ledger", LEDGERS);
  return { from, seeds, faultyMs, seed, ledger, report: values.report };
}

/** @param {string} text */
function readHours(text) {
  const hours = Number(text);
  if (hours > 0 && Number.isFinite(hours)) return hours;
  throw new WrongArgument(`--hours must be a number over 0, not “${text}”.`);
}

/**
 * @param {{ shipped: string, small: string }} files
 * @param {{ from: number, seeds: number }} range
 * @param {Omit<World, "seed">} world
 * @param {string | undefined} report
 */
async function runAll(files, { from, seeds }, world, report) {
  const { Totals } = await import(pathToFileURL(files.shipped).href);
  const totals = new Totals();
  const began = performance.now();
  const bar = progress(seeds);
  let next = from;
  /** @type {import("./lanes.mjs").Result[]} */
  const broken = [];
  const lane = async () => {
    const child = new Lane();
    while (next < from + seeds && broken.length === 0) {
      const result = await child.run({ files, options: { seed: next++, ...world } });
      if (result.report) totals.add(result.report);
      if (result.violation) broken.push(result);
      bar(totals.worlds, `${totals.hours.toFixed(1)} simulated hours, ${totals.faults} faults`);
    }
    child.end();
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  bar.end();
  const [found = null] = broken.sort((a, b) => a.seed - b.seed);
  // Before the explanation, which takes some 40 worlds.
  if (found) say(verdict(found));
  if (found) await explainTo(files, { seed: found.seed, ...world }, found);
  const lines = [...totals.lines(), "", verdict(found)];
  for (const line of lines) say(line);
  say(`in ${seconds(performance.now() - began)} in ${LANES} processes`);
  if (report) writeFileSync(report, `${lines.join("\n")}\n`);
}

/** @param {import("./lanes.mjs").Result | null} found */
function verdict(found) {
  return found ? `VIOLATED at seed ${found.seed}: ${found.violation?.message}` : "0 violations";
}

/**
 * @param {{ shipped: string, small: string }} files
 * @param {World} world
 * @param {import("./lanes.mjs").Result} result
 */
async function explainTo(files, world, { violation }) {
  process.exitCode = 1;
  const { explain } = await import(pathToFileURL(fileOf(world.seed, files)).href);
  const { needed, lines } = await explain(world, violation?.invariant);
  say(`seed ${world.seed}, with no other faults than: ${needed.join(", ") || "none"}`);
  for (const line of lines) say(line);
  const hours = (world.faultyMs / 60_000 + HEALING_MINUTES) / 60;
  const ledger = world.ledger === "kv" ? "" : ` --ledger ${world.ledger}`;
  say(`replay: npm run sim -- --seed ${world.seed} --hours ${hours}${ledger}`);
}

/**
 * One world, told in full.
 * @param {{ shipped: string, small: string }} files
 * @param {World} world
 */
async function replay(files, world) {
  const { tell } = await import(pathToFileURL(fileOf(world.seed, files)).href);
  const lines = await tell(world);
  say(lines.join("\n"));
  if (lines.at(-1) !== "no violation") process.exitCode = 1;
}
