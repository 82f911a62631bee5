// @ts-check
import { readArguments, wholeNumber } from "./command/arguments.mjs";
import { progress } from "./command/progress.mjs";
import { randomFrom } from "./command/random.mjs";
import { Refusal, WrongArgument } from "./command/refusal.mjs";
import { runCommand } from "./command/run.mjs";
import { say, seconds } from "./command/terminal.mjs";
import { brains } from "./trial/brains.mjs";
import { kills } from "./trial/kills.mjs";
import { restarts } from "./trial/restarts.mjs";
import { roundTrip } from "./trial/round-trip.mjs";

/** @type {Record<string, (trial: { random: () => number, tell: (done: number, of: number) => void }) => Promise<Record<string, string | number>>>} */
const TRIALS = { "round-trip": roundTrip, kills, restarts, brains };

const USAGE = `npm run bot:trial [-- --only NAME,… --seed S]

Runs the reference bot on the real server: measures how soon people are answered, and checks that each
message is answered once while bots are killed, bots and server are restarted, and models fail. Uses only
127.0.0.1.

  --only NAME,…  any of ${Object.keys(TRIALS).join(", ")}; by default all
  --seed S       random seed (1)`;

runCommand(async () => {
  const { names, seed } = options();
  for (const name of names) {
    const began = performance.now();
    /** @type {ReturnType<typeof progress> | null} */
    let bar = null;
    /**
     * @param {number} done
     * @param {number} of
     */
    const tell = (done, of) => {
      bar ??= progress(of);
      bar(done, name);
    };
    try {
      const row = await TRIALS[name]?.({ random: randomFrom(seed), tell });
      bar = end(bar);
      say(`\n${name}, seed ${seed}: ok in ${seconds(performance.now() - began)}`);
      for (const line of table(row ?? {})) say(line);
    } catch (error) {
      bar = end(bar);
      if (!(error instanceof Refusal)) throw error;
      process.exitCode = 1;
      say(`\n${name}, seed ${seed}: VIOLATED. ${error.message}`);
    }
  }
});

function options() {
  const { values } = readArguments(USAGE, {
    options: { only: { type: "string" }, seed: { type: "string", default: "1" } },
  });
  const names = values.only?.split(",") ?? Object.keys(TRIALS);
  const unknown = names.find((name) => !(name in TRIALS));
  if (unknown !== undefined)
    throw new WrongArgument(
      `--only must be any of ${Object.keys(TRIALS).join(", ")}, not “${unknown}”.`,
    );
  return { names, seed: wholeNumber(values.seed, "--seed") };
}

/** @param {ReturnType<typeof progress> | null} bar */
function end(bar) {
  bar?.end();
  return null;
}

/** @param {Record<string, string | number>} row */
function table(row) {
  const names = Object.keys(row);
  const line = (/** @type {(string | number)[]} */ cells) => `| ${cells.join(" | ")} |`;
  return [line(names), line(names.map(() => "---")), line(Object.values(row))];
}
