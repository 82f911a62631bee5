// @ts-check
import { writeFileSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import path from "node:path";
import { readArguments, wholeNumber } from "../../scripts/command/arguments.mjs";
import { progress } from "../../scripts/command/progress.mjs";
import { WrongArgument } from "../../scripts/command/refusal.mjs";
import { runCommand } from "../../scripts/command/run.mjs";
import { scratchDirectory } from "../../scripts/command/scratch.mjs";
import { say } from "../../scripts/command/terminal.mjs";
import { MUTANTS } from "../mutants.mjs";
import { LANES, Lane } from "./lanes.mjs";
import { bundleSizes } from "./sizes.mjs";

/** Each bug must be caught within this many worlds. */
const SEEDS = 2_000;
/** Worlds of the run without a planted bug; `npm run sim` covers more. */
const UNPLANTED_SEEDS = 300;
const FAULTY_MS = 120_000;

/** @typedef {{ name: string, lesson?: true, seed: number | null, message: string }} Caught */

const USAGE = `npm run sim:mutants [-- --seeds N --only WORDS --report FILE]

Plants bugs into the code that the simulation runs, one at a time (sim/mutants.mjs). The simulation must catch
each, and must find nothing without a planted bug.

  --seeds N      each bug must be caught within N worlds (${SEEDS})
  --only WORDS   only bugs whose names contain these words
  --report FILE  write the results as Markdown`;

const HEADING = [
  "# Planted bugs",
  "",
  "`npm run sim:mutants`, worlds of six simulated minutes, of which two are faulty, on the `kv` ledger unless the name says",
  "otherwise. Seeds count from 1, so the seed that catches a bug is also the number of worlds that it took.",
  "",
];

runCommand(async () => {
  const { values } = readArguments(USAGE, {
    options: {
      seeds: { type: "string", default: String(SEEDS) },
      report: { type: "string" },
      only: { type: "string", default: "" },
    },
  });
  const seeds = wholeNumber(values.seeds, "--seeds");
  const mutants = MUTANTS.filter(({ name }) => name.includes(values.only));
  if (mutants.length === 0)
    throw new WrongArgument(`No planted bug has “${values.only}” in its name.`);
  const unplanted = { name: "(no planted bug)", patches: [] };
  const runs = [...(values.only ? [] : [unplanted]), ...mutants];
  const rows = await catchAll(runs, seeds, scratchDirectory("mutants"));
  const lines = [
    "| planted bug | caught at seed | by |",
    "| --- | --- | --- |",
    ...rows.map(
      ({ name, lesson, seed, message }) =>
        `| ${name}${lesson ? " †" : ""} | ${seed ?? "none"} | ${message} |`,
    ),
    "",
    "† this fault once happened in production, in the system that this wall replaces.",
  ];
  for (const line of lines) say(line);
  if (values.report) writeFileSync(values.report, `${[...HEADING, ...lines].join("\n")}\n`);
  const isAsExpected = rows.every(
    ({ name, seed }) => (seed === null) === (name === unplanted.name),
  );
  say(
    isAsExpected
      ? "all caught, and nothing found without a planted bug"
      : "NOT all caught, or something found without a planted bug",
  );
  if (!isAsExpected) process.exitCode = 1;
});

/**
 * @param {import("../mutants.mjs").Mutant[]} mutants
 * @param {number} seeds
 * @param {string} directory
 */
async function catchAll(mutants, seeds, directory) {
  /** @type {Caught[]} */
  const rows = [];
  const bar = progress(mutants.length);
  let next = 0;
  let done = 0;
  const lane = async () => {
    for (let index = next++; index < mutants.length; index = next++) {
      const mutant = /** @type {import("../mutants.mjs").Mutant} */ (mutants[index]);
      const ownDirectory = path.join(directory, String(index));
      await mkdir(ownDirectory);
      const row = await catchOne(mutant, seeds, ownDirectory);
      rows[index] = row;
      bar(++done, `${row.name}: ${row.seed === null ? "not caught" : `seed ${row.seed}`}`);
    }
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  bar.end();
  return rows;
}

/**
 * @param {import("../mutants.mjs").Mutant} mutant
 * @param {number} seeds
 * @param {string} directory
 * @returns {Promise<Caught>}
 */
async function catchOne({ name, lesson, ledger = "kv", patches }, seeds, directory) {
  const files = await bundleSizes(directory, patches);
  const last = patches.length === 0 ? Math.min(seeds, UNPLANTED_SEEDS) : seeds;
  const child = new Lane();
  try {
    for (let seed = 1; seed <= last; seed += 1) {
      const { violation } = await child.run({
        files,
        options: { seed, ledger, faultyMs: FAULTY_MS },
      });
      if (violation) return { name, lesson, seed, message: violation.message };
    }
    return { name, lesson, seed: null, message: `${last} worlds` };
  } finally {
    child.end();
  }
}
