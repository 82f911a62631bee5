// @ts-check
import { setTimeout as delay } from "node:timers/promises";
import { progress } from "./command/progress.mjs";
import { Random } from "./command/random.mjs";
import { runCommand } from "./command/run.mjs";
import { median } from "./command/statistics.mjs";
import { killUnderLoad, readOptions, sayTable } from "./trial/trial.mjs";

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
  const { times, seed, ledger } = readOptions(USAGE, { times: TIMES, seed: 1, ledger: "kv" });
  const random = new Random(seed);
  const bar = progress(times);
  const { entries, readyMs } = await killUnderLoad({
    load: LOAD,
    ledger,
    goesOn: (round) => round <= times,
    live: () => delay(random.integer(LIFE_MIN_MS, LIFE_MAX_MS)),
    onRound: (round, count) => bar(round, `${count} comments acknowledged, none missing`),
  });
  bar.end();
  sayTable({
    kills: times,
    "comments acknowledged": entries.length,
    "flags acknowledged": entries.filter(({ processed }) => processed).length,
    missing: 0,
    duplicated: 0,
    "ready again, p50": `${Math.round(median(readyMs))} ms`,
    max: `${Math.round(Math.max(...readyMs))} ms`,
  });
});
