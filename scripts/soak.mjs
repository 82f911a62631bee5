// @ts-check
import { setTimeout as delay } from "node:timers/promises";
import { progress } from "./command/progress.mjs";
import { Refusal } from "./command/refusal.mjs";
import { runCommand } from "./command/run.mjs";
import { median } from "./command/statistics.mjs";
import { killUnderLoad, readOptions, sayTable } from "./trial/trial.mjs";
import { memoryOf } from "./trial/wall.mjs";

const MINUTES = 30;
/** 1,000 messages a minute, 200 of them marked by bots, 4 removed by an admin. */
const LOAD = { name: "soak", writers: 10, pauseMs: 600, markers: 2, removalMs: 15_000 };
const LIFE_MS = 5 * 60_000;
const SAMPLE_MS = 5_000;
/** One address posts as fast as it can, without a token, in each life. */
const FLOOD = { startsAfterMs: 30_000, ms: 20_000, atOnce: 16 };
const MEMORY_RATIO_MAX = 1.1;
const MB = 1_000_000;

const USAGE = `npm run soak [-- --minutes M --ledger kv|sqlite]

1,000 messages a minute for half an hour on the whole wall as npm start serves it, with marks, removals and
floods, and a kill -9 every 5 minutes. After each restart everything that was acknowledged is looked up. Fails
if something is missing, or if the memory of the last third is over ${MEMORY_RATIO_MAX} times that of the middle third.

  --minutes M  how long (${MINUTES})
  --ledger L   kv (the default) or sqlite`;

runCommand(async () => {
  const { minutes, ledger } = readOptions(USAGE, { minutes: MINUTES, ledger: "kv" });
  const samples = Math.ceil((minutes * 60_000) / SAMPLE_MS);
  const bar = progress(samples);
  /** @type {number[]} in MB */
  const memory = [];
  const flooded = { accepted: 0, refused: 0 };
  const { entries, readyMs } = await killUnderLoad({
    load: LOAD,
    ledger,
    goesOn: () => memory.length < samples,
    live: async ({ wall, acknowledged, round }) => {
      const flooding = flood(wall.url, acknowledged, flooded, round);
      for (let ms = 0; ms < LIFE_MS && memory.length < samples; ms += SAMPLE_MS) {
        await delay(SAMPLE_MS);
        memory.push(memoryOf(wall.groups()) / MB);
        bar(memory.length, `${acknowledged.size} messages, ${Math.round(memory.at(-1) ?? 0)} MB`);
      }
      await flooding;
    },
  });
  bar.end();
  const third = Math.floor(memory.length / 3);
  const [middle, last] = [median(memory.slice(third, 2 * third)), median(memory.slice(2 * third))];
  sayTable({
    minutes,
    restarts: readyMs.length,
    acknowledged: entries.length,
    marked: entries.filter(({ processed }) => processed).length,
    removed: entries.filter(({ removed }) => removed).length,
    "flood accepted": flooded.accepted,
    refused: flooded.refused,
    missing: 0,
    "MB, middle third": middle.toFixed(0),
    "last third": last.toFixed(0),
    ratio: (last / middle).toFixed(2),
  });
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
