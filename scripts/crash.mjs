// @ts-check
import { setTimeout as delay } from "node:timers/promises";
import { median } from "../bench/statistics.mjs";
import { oneOf, readArguments, wholeNumber } from "./command/arguments.mjs";
import { progress } from "./command/progress.mjs";
import { randomFrom } from "./command/random.mjs";
import { runCommand } from "./command/run.mjs";
import { scratchDirectory } from "./command/scratch.mjs";
import { say } from "./command/terminal.mjs";
import { LEDGERS } from "./stack/settings.mjs";
import { startWall } from "./stack/wall-process.mjs";
import { lookUpAll, startLoad } from "./trial/load.mjs";

const TIMES = 30;
/** About 100 messages a second. */
const LOAD = { name: "crash", writers: 8, pauseMs: 60, markers: 2 };
/** Between being ready and being killed. */
const LIFE_MIN_MS = 500;
const LIFE_MAX_MS = 4_000;

const USAGE = `npm run crash [-- --times N --seed S --ledger kv|sqlite]

Repeatedly kills the whole server with -9 under load, and after each restart checks every acknowledged
comment and flag. Uses the real runtime with KV and Durable Object on disk, and only 127.0.0.1.

  --times N    number of kills (${TIMES})
  --seed S     random seed for the moments (1)
  --ledger L   kv (the default) or sqlite`;

runCommand(async () => {
  const { values } = readArguments(USAGE, {
    options: {
      times: { type: "string", default: String(TIMES) },
      seed: { type: "string", default: "1" },
      ledger: { type: "string", default: "kv" },
    },
  });
  const times = wholeNumber(values.times, "--times");
  const ledger = oneOf(values.ledger, "--ledger", LEDGERS);
  const random = randomFrom(wholeNumber(values.seed, "--seed"));
  const stateDir = scratchDirectory("crash");
  const bar = progress(times);
  /** @type {import("./trial/load.mjs").Acknowledged} */
  const acknowledged = new Map();
  /** @type {number[]} */
  const readyMs = [];
  /** @type {Awaited<ReturnType<typeof startWall>> | null} */
  let server = null;
  try {
    server = await startWall(stateDir, { ledger });
    for (let round = 1; round <= times; round += 1) {
      const load = startLoad(server.url, acknowledged, { ...LOAD, round });
      await delay(LIFE_MIN_MS + random() * (LIFE_MAX_MS - LIFE_MIN_MS));
      await server.kill();
      await load.end();
      server = await startWall(stateDir, { ledger });
      readyMs.push(server.readyMs);
      await lookUpAll(server.url, acknowledged);
      bar(round, `${acknowledged.size} comments acknowledged, none missing`);
    }
    bar.end();
  } finally {
    await server?.kill();
  }
  const flags = [...acknowledged.values()].filter(({ processed }) => processed).length;
  say(
    "| kills | comments acknowledged | flags acknowledged | missing | duplicated | ready again, p50 | max |",
  );
  say("| --- | --- | --- | --- | --- | --- | --- |");
  say(
    `| ${times} | ${acknowledged.size} | ${flags} | 0 | 0 | ${Math.round(median(readyMs))} ms | ${Math.round(Math.max(...readyMs))} ms |`,
  );
});
