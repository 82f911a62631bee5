// @ts-check
// `npm run sim -- --seeds N [--hours H] [--seed S] [--ledger kv|sqlite] [--report FILE]`: the wall in worlds that misbehave.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { runCommand } from "./command.mjs";
import { progress } from "./progress.mjs";
import { Refusal } from "./refusal.mjs";
import { readLedger } from "./settings.mjs";
import { LANES, Lane } from "./sim-lanes.mjs";
import { bundleSizes, fileOf } from "./sim-sizes.mjs";
import { say, seconds } from "./terminal.mjs";

/** @typedef {{ seed: number, faultyMs: number, ledger: "kv" | "sqlite" }} World */

const SEEDS = 300;
/** Simulated minutes of one world, the four without faults at its end included. */
const WORLD_MINUTES = 6;
const HEALING_MINUTES = 4;

runCommand(async () => {
  const { seeds, faultyMs, seed, ledger, report } = options();
  const directory = mkdtempSync(path.join(tmpdir(), "saywhatwant-sim-"));
  try {
    const files = await bundleSizes(directory);
    if (seed !== undefined) await replay(files, { seed, faultyMs, ledger });
    else await runAll(files, seeds, { faultyMs, ledger }, report);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
});

function options() {
  const { values } = parseArgs({
    options: {
      seeds: { type: "string", default: String(SEEDS) },
      hours: { type: "string" },
      seed: { type: "string" },
      ledger: { type: "string", default: "kv" },
      report: { type: "string" },
    },
  });
  const seeds = positive("seeds", values.seeds);
  const minutes =
    values.hours === undefined
      ? WORLD_MINUTES
      : (60 * positive("hours", values.hours)) / (values.seed === undefined ? seeds : 1);
  if (minutes <= HEALING_MINUTES)
    throw new Refusal(
      `Each world ends with ${HEALING_MINUTES} minutes without faults: ${seeds} of them need more than ${((seeds * HEALING_MINUTES) / 60).toFixed(1)} hours.`,
    );
  const faultyMs = Math.round((minutes - HEALING_MINUTES) * 60_000);
  const seed = values.seed === undefined ? undefined : positive("seed", values.seed);
  const ledger = readLedger(values.ledger, "--ledger");
  return { seeds: Math.round(seeds), faultyMs, seed, ledger, report: values.report };
}

/**
 * @param {string} name
 * @param {string} text
 */
function positive(name, text) {
  const value = Number(text);
  if (!(value > 0)) throw new Refusal(`--${name} must be a number over 0, not “${text}”.`);
  return value;
}

/**
 * @param {{ shipped: string, small: string }} files
 * @param {number} seeds
 * @param {Omit<World, "seed">} world
 * @param {string | undefined} report
 */
async function runAll(files, seeds, world, report) {
  const { Totals } = await import(pathToFileURL(files.shipped).href);
  const totals = new Totals();
  const began = performance.now();
  const bar = progress(seeds);
  let next = 1;
  /** @type {import("./sim-lanes.mjs").Result[]} */
  const broken = [];
  const lane = async () => {
    const thread = new Lane();
    while (next <= seeds && broken.length === 0) {
      const result = await thread.run({ files, options: { seed: next++, ...world } });
      if (result.report) totals.add(result.report);
      if (result.violation) broken.push(result);
      bar(totals.worlds, `${totals.hours.toFixed(1)} simulated hours, ${totals.faults} faults`);
    }
    await thread.end();
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  bar.end();
  const [found = null] = broken.sort((a, b) => a.seed - b.seed);
  if (found) await explainTo(files, { seed: found.seed, ...world }, found);
  const lines = [...totals.lines(), "", verdict(found)];
  for (const line of lines) say(line);
  say(`in ${seconds(performance.now() - began)} on ${LANES} threads`);
  if (report) writeFileSync(report, `${lines.join("\n")}\n`);
}

/** @param {import("./sim-lanes.mjs").Result | null} found */
function verdict(found) {
  return found ? `VIOLATED at seed ${found.seed}: ${found.violation?.message}` : "0 violations";
}

/**
 * @param {{ shipped: string, small: string }} files
 * @param {World} world
 * @param {import("./sim-lanes.mjs").Result} result
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
  // All of it, before the process ends: a pipe takes it piece by piece.
  await new Promise((resolve) => process.stdout.write(`${lines.join("\n")}\n`, resolve));
  if (lines.at(-1) !== "no violation") process.exitCode = 1;
}
