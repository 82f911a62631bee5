// @ts-check
import { readdirSync, readFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { median } from "../bench/statistics.mjs";
import { oneOf, readArguments, wholeNumber } from "./command/arguments.mjs";
import { progress } from "./command/progress.mjs";
import { Refusal } from "./command/refusal.mjs";
import { runCommand } from "./command/run.mjs";
import { scratchDirectory } from "./command/scratch.mjs";
import { say } from "./command/terminal.mjs";
import { LEDGERS } from "./stack/settings.mjs";
import { startWall } from "./stack/wall-process.mjs";
import { lookUpAll, startLoad } from "./trial/load.mjs";

const MINUTES = 30;
/** 1,000 messages a minute, 200 of them marked by bots, 4 removed by an admin. */
const LOAD = { name: "soak", writers: 10, pauseMs: 600, markers: 2, removalMs: 15_000 };
const LIFE_MS = 5 * 60_000;
const SAMPLE_MS = 5_000;
/** One address posts as fast as it can, without a token, in each life. */
const FLOOD = { startsAfterMs: 30_000, ms: 20_000, atOnce: 16 };
const MEMORY_RATIO_MAX = 1.1;
const PAGE_BYTES = 4_096;
const MB = 1_000_000;

const USAGE = `npm run soak [-- --minutes M --ledger kv|sqlite]

1,000 messages a minute for half an hour on the whole wall as npm start serves it, with marks, removals and
floods, and a kill -9 every 5 minutes. After each restart everything that was acknowledged is looked up. Fails
if something is missing, or if the memory of the last third is over ${MEMORY_RATIO_MAX} times that of the middle third.

  --minutes M  how long (${MINUTES})
  --ledger L   kv (the default) or sqlite`;

runCommand(async () => {
  const { values } = readArguments(USAGE, {
    options: {
      minutes: { type: "string", default: String(MINUTES) },
      ledger: { type: "string", default: "kv" },
    },
  });
  const totalMs = wholeNumber(values.minutes, "--minutes") * 60_000;
  const ledger = oneOf(values.ledger, "--ledger", LEDGERS);
  const stateDir = scratchDirectory("soak");
  const bar = progress(Math.ceil(totalMs / SAMPLE_MS));
  /** @type {import("./trial/load.mjs").Acknowledged} */
  const acknowledged = new Map();
  /** @type {number[]} in MB */
  const memory = [];
  const flooded = { accepted: 0, refused: 0 };
  let server = await startWall(stateDir, { ledger });
  let restarts = 0;
  try {
    for (let round = 1; memory.length * SAMPLE_MS < totalMs; round += 1) {
      const load = startLoad(server.url, acknowledged, { ...LOAD, round });
      const flooding = flood(server.url, acknowledged, flooded, round);
      for (let ms = 0; ms < LIFE_MS && memory.length * SAMPLE_MS < totalMs; ms += SAMPLE_MS) {
        await delay(SAMPLE_MS);
        memory.push(memoryOf(server.groups()) / MB);
        bar(memory.length, `${acknowledged.size} messages, ${Math.round(memory.at(-1) ?? 0)} MB`);
      }
      await flooding;
      await server.kill();
      await load.end();
      server = await startWall(stateDir, { ledger });
      restarts += 1;
      await lookUpAll(server.url, acknowledged);
    }
    bar.end();
  } finally {
    await server.kill();
  }
  const third = Math.floor(memory.length / 3);
  const [middle, last] = [median(memory.slice(third, 2 * third)), median(memory.slice(2 * third))];
  const entries = [...acknowledged.values()];
  const removed = entries.filter((entry) => entry.removed).length;
  const marked = entries.filter((entry) => entry.processed).length;
  say(
    "| minutes | restarts | acknowledged | marked | removed | flood accepted | refused | missing | MB, middle third | last third | ratio |",
  );
  say("| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |");
  say(
    `| ${values.minutes} | ${restarts} | ${entries.length} | ${marked} | ${removed} | ${flooded.accepted} | ${flooded.refused} | 0 | ${middle.toFixed(0)} | ${last.toFixed(0)} | ${(last / middle).toFixed(2)} |`,
  );
  if (last / middle > MEMORY_RATIO_MAX) throw new Refusal("The memory grows.");
});

/**
 * @param {string} url
 * @param {import("./trial/load.mjs").Acknowledged} acknowledged
 * @param {{ accepted: number, refused: number }} counts
 * @param {number} round
 */
async function flood(url, acknowledged, counts, round) {
  await delay(FLOOD.startsAfterMs);
  const until = performance.now() + FLOOD.ms;
  /** @param {number} sender */
  const send = async (sender) => {
    for (let index = 0; performance.now() < until; index += 1) {
      const nonce = `flood-${round}-${sender}-${index}`;
      const text = `flood ${index}`;
      const body = JSON.stringify({ text, nonce });
      const headers = { "Content-Type": "application/json" };
      const answer = await fetch(`${url}/api/comments`, { method: "POST", headers, body }).catch(
        () => null,
      );
      if (answer?.ok) {
        const { id } = await answer.json();
        acknowledged.set(nonce, { id, text, processed: false });
        counts.accepted += 1;
      } else {
        await answer?.arrayBuffer();
        counts.refused += 1;
      }
    }
  };
  await Promise.all(Array.from({ length: FLOOD.atOnce }, (_, sender) => send(sender)));
}

/**
 * Resident memory of all processes in some process groups, in bytes; Linux only.
 * @param {readonly number[]} groups
 */
function memoryOf(groups) {
  let bytes = 0;
  for (const name of readdirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const fields = readFileSync(`/proc/${name}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
      // Fields 5 and 24 of proc(5): process group, resident pages.
      if (groups.includes(Number(fields[2]))) bytes += Number(fields[21]) * PAGE_BYTES;
    } catch {
      // It has ended meanwhile.
    }
  }
  return bytes;
}
