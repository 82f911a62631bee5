// @ts-check
import WebSocket from "ws";
import { importBundled } from "./command/bundle.mjs";
import { progress } from "./command/progress.mjs";
import { Random } from "./command/random.mjs";
import { runCommand } from "./command/run.mjs";
import { scratchDirectory } from "./command/scratch.mjs";
import { say, seconds } from "./command/terminal.mjs";
import { readOptions } from "./trial/trial.mjs";
import { BOT_TOKEN, memoryOf, startWall } from "./trial/wall.mjs";

const REQUESTS = 100_000;
/** Broken messages over the live channel. */
const MESSAGES = 2_000;
/** Memory is checked after each part. */
const PARTS = 10;
/**
 * A leak grows as fast in the second half as in the first. Memory that is only collected late, as workerd's is, and
 * caches that fill grow more slowly, and end below this share of the first half's pace.
 */
const GROWTH_MAX_SHARE = 0.75;
/** Less growth than this says nothing. */
const NOISE_MB = 100;
const BYTES_PER_MB = 1_024 * 1_024;

const USAGE = `npm run fuzz [-- --requests N --messages N --ledger kv|sqlite --seed S]

Sends valid, invalid and broken requests to the whole HTTP surface: nothing may fail, hang, crash or grow,
and every accepted post must be readable. Then abuses the live channel, which must refuse everything and go on.
Uses only 127.0.0.1.

  --requests N  number of requests (${REQUESTS})
  --messages N  number of broken messages over the live channel (${MESSAGES})
  --ledger L    kv (the default) or sqlite
  --seed S      random seed (1)`;

runCommand(async () => {
  const { requests, messages, ledger, seed } = readOptions(USAGE, {
    requests: REQUESTS,
    messages: MESSAGES,
    ledger: "kv",
    seed: 1,
  });
  const { Fuzzer } = await importBundled("fuzz/index.ts");
  const server = await startWall(scratchDirectory("fuzz"), { ledger });
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
      memory.push(megabytesOf(groups));
    }
    bar.end();
    const report = await fuzzer.finish();
    tell(report, { seed, requests, memory, ms: performance.now() - began });
    const live = report.finding ? null : await abuseChannel(server.url, { messages, seed });
    const restarted = server.hasEnded() || String(server.groups()) !== String(groups);
    const failure =
      report.finding?.what ??
      live?.finding ??
      (restarted ? "a process of the server ended" : grew(memory)) ??
      null;
    if (failure === null) return;
    process.exitCode = 1;
    say(`FAILED with seed ${seed}: ${failure}`);
    if (report.finding) say(report.finding.command);
  } finally {
    await server.kill();
  }
});

/**
 * @param {string} url
 * @param {{ messages: number, seed: number }} run
 */
async function abuseChannel(url, { messages, seed }) {
  const { LiveFuzzer } = await importBundled("fuzz/live.ts");
  const bar = progress(messages);
  const fuzzer = new LiveFuzzer({
    url,
    botToken: BOT_TOKEN,
    random: new Random(seed),
    messages,
    connect: (/** @type {string} */ address, /** @type {Record<string, string>} */ headers) =>
      new WebSocket(address, { headers, perMessageDeflate: false }),
    onProgress: (/** @type {number} */ done) => bar(done, "broken messages"),
  });
  const report = await fuzzer.run();
  bar.end();
  for (const [kind, count] of Object.entries(report.counts)) say(`${kind}: ${count}`);
  return report;
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
  const half = PARTS / 2;
  const [first = 0, middle = 0, end = 0] = [memory[0], memory[half - 1], memory.at(-1)];
  const early = (middle - first) / (half - 1);
  const late = (end - middle) / half;
  return late > GROWTH_MAX_SHARE * Math.max(0, early) && end - middle > NOISE_MB
    ? `workerd grew from ${first} to ${middle} and then to ${end} MB`
    : null;
}

/**
 * Memory of the workerd processes of these groups, in MB; 0 without /proc.
 * @param {readonly number[]} groups
 */
function megabytesOf(groups) {
  if (process.platform !== "linux") return 0;
  return Math.round(memoryOf(groups, "workerd") / BYTES_PER_MB);
}
