// @ts-check

import { progress } from "./command/progress.mjs";
import { Random } from "./command/random.mjs";
import { Refusal, WrongArgument } from "./command/refusal.mjs";
import { runCommand } from "./command/run.mjs";
import { say, seconds } from "./command/terminal.mjs";
import { brains } from "./trial/brains.mjs";
import { Conversation } from "./trial/conversation.mjs";
import { kills } from "./trial/kills.mjs";
import { personas } from "./trial/personas.mjs";
import { restarts } from "./trial/restarts.mjs";
import { roundTrip } from "./trial/round-trip.mjs";
import { readOptions, sayTable } from "./trial/trial.mjs";

/** @type {Record<string, (trial: Conversation) => Promise<Record<string, string | number>>>} */
const TRIALS = { "round-trip": roundTrip, kills, restarts, personas, brains };
const ALL = Object.keys(TRIALS);

const USAGE = `npm run bot:trial [-- --only NAME,… --ledger kv|sqlite --seed S]

Runs the reference bot on the real server: measures how soon people are answered, and checks that each
message is answered once while bots are killed, bots and server are restarted, several personas share a
process, and models fail. Uses only
127.0.0.1.

  --only NAME,…  any of ${ALL.join(", ")}; by default all
  --ledger L     kv (the default) or sqlite
  --seed S       random seed (1)`;

runCommand(async () => {
  const defaults = { only: ALL.join(","), ledger: "kv", seed: 1 };
  const { only, ledger, seed } = readOptions(USAGE, defaults);
  const names = only.split(",");
  const unknown = names.find((name) => !ALL.includes(name));
  if (unknown !== undefined)
    throw new WrongArgument(`--only must be any of ${ALL.join(", ")}, not “${unknown}”.`);
  for (const name of names) {
    const began = performance.now();
    /** @type {ReturnType<typeof progress> | undefined} */
    let bar;
    const trial = new Conversation(
      new Random(seed),
      (done, of) => {
        bar ??= progress(of);
        bar(done, name);
      },
      ledger,
    );
    try {
      const row = await TRIALS[name]?.(trial).finally(() => bar?.end());
      say(`\n${name}, seed ${seed}: ok in ${seconds(performance.now() - began)}`);
      sayTable(row ?? {});
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      process.exitCode = 1;
      say(`\n${name}, seed ${seed}: VIOLATED. ${error.message}`);
    } finally {
      await trial.close();
    }
  }
});
