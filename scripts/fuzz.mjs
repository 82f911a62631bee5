// @ts-check
import { readdirSync, readFileSync } from "node:fs";
import { readArguments, wholeNumber } from "./command/arguments.mjs";
import { importBundled } from "./command/bundle.mjs";
import { progress } from "./command/progress.mjs";
import { runCommand } from "./command/run.mjs";
import { scratchDirectory } from "./command/scratch.mjs";
import { say, seconds } from "./command/terminal.mjs";
import { BOT_TOKEN, startWall } from "./stack/wall-process.mjs";

const REQUESTS = 100_000;
/** Memory is checked after each part. */
const PARTS = 10;
/**
 * The share of the memory that may be added in the second half, once caches, pools and the newest
 * comments have filled: a leak grows as much as in the first half.
 */
const GROWTH_MAX_SHARE = 0.2;
const KB_PER_MB = 1_024;

const USAGE = `npm run fuzz [-- --requests N --seed S]

Sends valid, invalid and broken requests to the whole HTTP surface: nothing may fail, hang, crash or grow,
and every accepted post must be readable. Uses only 127.0.0.1.

  --requests N  number of requests (${REQUESTS})
  --seed S      random seed (1)`;

runCommand(async () => {
  const { requests, seed } = options();
  const { Fuzzer } = await importBundled("fuzz/index.ts");
  const server = await startWall(scratchDirectory("fuzz"));
  try {
    const began = performance.now();
    const bar = progress(requests);
    const fuzzer = new Fuzzer({
      url: server.url,
      botToken: BOT_TOKEN,
      requests,
      seed,
      /** @param {number} done @param {number} accepted */
      onProgress: (done, accepted) => bar(done, `${accepted} accepted`),
    });
    const groups = server.groups();
    /** @type {number[]} */
    const memory = [];
    for (let part = 1; part <= PARTS; part += 1) {
      await fuzzer.run(Math.round((requests * part) / PARTS));
      memory.push(memoryOf(groups));
    }
    bar.end();
    const report = await fuzzer.finish();
    tell(report, { seed, requests, memory, ms: performance.now() - began });
    const restarted = server.hasEnded() || String(server.groups()) !== String(groups);
    const failure =
      report.finding?.what ?? (restarted ? "a process of the server ended" : grew(memory)) ?? null;
    if (failure === null) return;
    process.exitCode = 1;
    say(`FAILED with seed ${seed}: ${failure}`);
    if (report.finding) say(report.finding.command);
  } finally {
    await server.kill();
  }
});

function options() {
  const { values } = readArguments(USAGE, {
    options: {
      requests: { type: "string", default: String(REQUESTS) },
      seed: { type: "string", default: "1" },
    },
  });
  return {
    requests: wholeNumber(values.requests, "--requests"),
    seed: wholeNumber(values.seed, "--seed"),
  };
}

/**
 * @param {{ accepted: number, readBack: number, statuses: Record<string, number> }} report
 * @param {{ seed: number, requests: number, memory: readonly number[], ms: number }} run
 */
function tell({ accepted, readBack, statuses }, { seed, requests, memory, ms }) {
  const counts = Object.entries(statuses).sort(([a], [b]) => a.localeCompare(b, "en"));
  for (const [status, count] of counts) say(`${status.padEnd(12)} ${count}`);
  say(
    `seed ${seed}: ${requests} requests in ${seconds(ms)}; ${accepted} accepted, ${readBack} read back`,
  );
  say(`memory of workerd, in MB, after each tenth: ${memory.join(" ")}`);
}

/** @param {readonly number[]} memory */
function grew(memory) {
  const [middle = 0, end = 0] = [memory[PARTS / 2 - 1], memory.at(-1)];
  return end - middle > GROWTH_MAX_SHARE * middle
    ? `workerd grew from ${middle} to ${end} MB`
    : null;
}

/**
 * Memory of the workerd processes of these groups, in MB; 0 without /proc.
 * @param {readonly number[]} groups
 */
function memoryOf(groups) {
  if (process.platform !== "linux") return 0;
  let kb = 0;
  for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
    try {
      // "pid (name) state ppid pgrp …", and the name may contain anything.
      const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
      const [, , group] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
      if (!stat.includes("(workerd)") || !groups.includes(Number(group))) continue;
      const [, size] =
        /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
      kb += Number(size ?? 0);
    } catch {
      // It has ended in the meantime.
    }
  }
  return Math.round(kb / KB_PER_MB);
}
