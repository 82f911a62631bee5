// @ts-check
// `npm run fuzz [-- --requests N --seed S]`: the whole HTTP surface under right, wrong and broken
// requests. Nothing may fail, hang, crash or grow, and all that was accepted must be there.
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { bundle } from "./bundle.mjs";
import { runCommand } from "./command.mjs";
import { progress } from "./progress.mjs";
import { Refusal } from "./refusal.mjs";
import { say, seconds } from "./terminal.mjs";
import { BOT_TOKEN, startWall } from "./wall-process.mjs";

const REQUESTS = 100_000;
/** Caches, pools and the newest comments have filled by then: memory is compared from there on. */
const WARM_UP_SHARE = 0.25;
/** A garbage collector's room. A leak of 1 KB a request would show as 75 MB. */
const GROWTH_MAX_MB = 64;
const KB_PER_MB = 1_024;

runCommand(async () => {
  const { requests, seed } = options();
  const directory = mkdtempSync(path.join(tmpdir(), "saywhatwant-fuzz-"));
  const file = path.join(directory, "fuzz.mjs");
  await bundle("fuzz/index.ts", file);
  const server = await startWall(path.join(directory, "state"));
  try {
    const { Fuzzer } = await import(pathToFileURL(file).href);
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
    await fuzzer.run(Math.round(requests * WARM_UP_SHARE));
    const groups = server.groups();
    const before = memoryOf(groups);
    await fuzzer.run(requests);
    const after = memoryOf(groups);
    bar.end();
    const report = await fuzzer.finish();
    tell(report, { seed, requests, before, after, ms: performance.now() - began });
    const restarted = server.hasEnded() || String(server.groups()) !== String(groups);
    const failure =
      report.finding?.what ??
      (restarted ? "a process of the server ended" : grew(before, after)) ??
      null;
    if (failure === null) return;
    process.exitCode = 1;
    say(`FAILED with seed ${seed}: ${failure}`);
    if (report.finding) say(report.finding.command);
  } finally {
    await server.kill();
    rmSync(directory, { recursive: true, force: true });
  }
});

function options() {
  const { values } = parseArgs({
    options: {
      requests: { type: "string", default: String(REQUESTS) },
      seed: { type: "string", default: "1" },
    },
  });
  return { requests: whole("requests", values.requests), seed: whole("seed", values.seed) };
}

/**
 * @param {string} name
 * @param {string} text
 */
function whole(name, text) {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1)
    throw new Refusal(`--${name} must be a whole number over 0, not “${text}”.`);
  return value;
}

/**
 * @param {{ accepted: number, readBack: number, statuses: Record<string, number> }} report
 * @param {{ seed: number, requests: number, before: number | null, after: number | null, ms: number }} run
 */
function tell({ accepted, readBack, statuses }, { seed, requests, before, after, ms }) {
  const counts = Object.entries(statuses).sort(([a], [b]) => a.localeCompare(b, "en"));
  for (const [status, count] of counts) say(`${status.padEnd(12)} ${count}`);
  const memory = before === null || after === null ? "not measured" : `${before} → ${after} MB`;
  say(
    `seed ${seed}: ${requests} requests in ${seconds(ms)}; ${accepted} accepted, ${readBack} read back; memory of workerd ${memory}`,
  );
}

/**
 * @param {number | null} before
 * @param {number | null} after
 */
function grew(before, after) {
  if (before === null || after === null || after - before <= GROWTH_MAX_MB) return null;
  return `workerd grew by ${after - before} MB`;
}

/**
 * What the workerd processes of these groups hold in memory, in MB; `null` where there is no /proc.
 * @param {readonly number[]} groups
 */
function memoryOf(groups) {
  if (process.platform !== "linux") return null;
  let kb = 0;
  for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
    try {
      // "pid (name) state ppid pgrp …", where the name may hold anything.
      const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
      const [, , group] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
      if (!stat.includes("(workerd)") || !groups.includes(Number(group))) continue;
      const [, size] =
        /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
      kb += Number(size ?? 0);
    } catch {
      // It has ended meanwhile.
    }
  }
  return Math.round(kb / KB_PER_MB);
}
