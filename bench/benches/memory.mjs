// @ts-check
// Memory of the single writer and of an isolate's copy of the wall, after a day and after a start
// from that day's journal.
import path from "node:path";
import { bundle } from "../../scripts/command/bundle.mjs";
import { spawnNode } from "../../scripts/command/process-group.mjs";
import { lastLines, outcome } from "../../scripts/command/quiet-run.mjs";
import { withScratchDirectory } from "../../scripts/command/scratch.mjs";
import { toolEnv } from "../../scripts/command/tool-env.mjs";

const RATES = { quick: [1_000], full: [1_000, 5_000] };
const HOURS = 24;
const MB_AT_MOST = new Map([
  [1_000, 64],
  [5_000, 100],
]);
const REPLICA_MB_AT_MOST = 32;
/**
 * A Durable Object's memory limit; a start from a journal of 1,000 messages a minute must fit into
 * it.
 */
const HEAP_MB = 128;

/** @typedef {{ writer: number, replica: number, pending: number }} Day */
/** @typedef {{ writer: number, ms: number }} Start */

/**
 * @param {import("../report.mjs").Context} context
 * @returns {Promise<import("../report.mjs").Report>}
 */
export async function run({ full, ledger, done }) {
  const rates = full ? RATES.full : RATES.quick;
  const plans = rates.flatMap((perMinute) =>
    [false, true].map((longest) => ({ ledger, perMinute, longest, hours: HOURS })),
  );
  /** @type {{ plan: (typeof plans)[number], day: Day, start: Start }[]} */
  const samples = [];
  await withScratchDirectory("memory", async (scratch) => {
    const program = path.join(scratch, "memory-day.mjs");
    await bundle("bench/subjects/memory-day.ts", program);
    for (const [index, plan] of plans.entries()) {
      done(index / plans.length, nameOf(plan));
      await withScratchDirectory("day", async (directory) => {
        const day = await runPhase(program, { ...plan, phase: "day", directory });
        const start = await runPhase(program, { ...plan, phase: "start", directory });
        samples.push({ plan, day, start });
      });
    }
  });
  return {
    tables: [
      {
        title: `After ${HOURS} hours on ${ledger}: used heap and buffers in MB, including Node's own`,
        columns: ["messages", "writer", "writer after a start", "start, ms", "replica", "pending"],
        rows: samples.map(({ plan, day, start }) => [
          nameOf(plan),
          day.writer,
          start.writer,
          start.ms,
          day.replica,
          day.pending,
        ]),
      },
    ],
    targets: samples.flatMap(({ plan, day, start }) => [
      {
        what: `writer, ${nameOf(plan)}`,
        value: Math.max(day.writer, start.writer),
        unit: "MB",
        atMost: MB_AT_MOST.get(plan.perMinute) ?? 0,
      },
      {
        what: `replica, ${nameOf(plan)}`,
        value: day.replica,
        unit: "MB",
        atMost: REPLICA_MB_AT_MOST,
      },
    ]),
    samples,
    notes: [
      `Each in its own process with --max-old-space-size=${HEAP_MB}; rows that SQLite would hold are in files.`,
    ],
  };
}

/** @param {{ perMinute: number, longest: boolean }} plan */
function nameOf({ perMinute, longest }) {
  return `${perMinute.toLocaleString("en")} a minute, ${longest ? "the longest" : "short"}`;
}

/**
 * @param {string} program
 * @param {object} plan
 */
async function runPhase(program, plan) {
  const child = spawnNode(
    ["--expose-gc", `--max-old-space-size=${HEAP_MB}`, program, JSON.stringify(plan)],
    { env: toolEnv() },
  );
  const { code, output } = await outcome(child);
  if (code !== 0) throw new Error(`the day ended with ${code}: ${lastLines(output, 20)}`);
  return JSON.parse(lastLines(output, 1));
}
