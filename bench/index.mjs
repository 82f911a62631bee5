// @ts-check
import { mkdirSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import path from "node:path";
import { oneOf, readArguments } from "../scripts/command/arguments.mjs";
import { ROOT } from "../scripts/command/paths.mjs";
import { spawnNode } from "../scripts/command/process-group.mjs";
import { progress } from "../scripts/command/progress.mjs";
import { outcome } from "../scripts/command/quiet-run.mjs";
import { Refusal, WrongArgument } from "../scripts/command/refusal.mjs";
import { runCommand } from "../scripts/command/run.mjs";
import { say, seconds } from "../scripts/command/terminal.mjs";
import { toolEnv } from "../scripts/command/tool-env.mjs";
import { LEDGERS } from "../scripts/stack/settings.mjs";
import { print } from "./report.mjs";

const QUICK = ["post", "loss", "poll", "fresh", "grow"];
const NAMES = [...QUICK, "cold", "fanout", "soak", "cost", "memory", "page"];
const STEPS = 100;

const USAGE = `npm run bench [-- NAME… --full --ledger kv|sqlite --json FILE]

What the wall does, beside its alternatives and the floor: tables, and targets met or missed.

  NAME         of ${NAMES.join(", ")};
               ${QUICK.join(", ")} by default
  --full       longer and more often: these figures are worth writing down
  --ledger L   kv (the default) or sqlite
  --json FILE  where the raw samples go (.state/bench.json)`;

const LIMITATIONS = `Limits of these figures: one machine, one data centre, one workerd process, which runs every
subject on one thread; its KV and its cache are the local runtime's (no network, no caches of a minute, no limit of a
write a second on a key), so absolute rates say little about production. Ratios are of subjects that took turns in one
run, round by round; the load's own client shares the machine with them. CPU is workerd's whole, its KV included.`;

runCommand(async () => {
  const { names, full, ledger, json } = options();
  /** @type {Record<string, unknown>} */
  const results = {};
  for (const name of names) {
    if (name === "page") {
      await page();
      continue;
    }
    const began = performance.now();
    const { run } = await import(`./benches/${name}.mjs`);
    const bar = progress(STEPS);
    const done = (/** @type {number} */ share, /** @type {string} */ words) =>
      bar(Math.round(share * STEPS), `${name}: ${words}`);
    const report = await run({ full, ledger, done });
    bar.end();
    print(name, report);
    say(`\n(${name}${full ? " --full" : ""}: ${seconds(performance.now() - began)})`);
    results[name] = report;
  }
  say(`\n${LIMITATIONS}`);
  mkdirSync(path.dirname(json), { recursive: true });
  const machine = { node: process.version, cpus: cpus().map(({ model }) => model) };
  writeFileSync(json, JSON.stringify({ at: new Date(), machine, full, ledger, results }, null, 2));
  say(`\nraw samples: ${path.relative(process.cwd(), json)}`);
});

function options() {
  const { values, positionals } = readArguments(USAGE, {
    allowPositionals: true,
    options: {
      full: { type: "boolean", default: false },
      ledger: { type: "string", default: "kv" },
      json: { type: "string", default: path.join(ROOT, ".state", "bench.json") },
    },
  });
  for (const name of positionals)
    if (!NAMES.includes(name))
      throw new WrongArgument(`There is no bench “${name}”; there are ${NAMES.join(", ")}.`);
  const { full, json } = values;
  const names = positionals.length > 0 ? positionals : QUICK;
  return { names, full, ledger: oneOf(values.ledger, "--ledger", LEDGERS), json };
}

/** Has a command of its own, and a browser. */
async function page() {
  const child = spawnNode([path.join(ROOT, "bench", "page.mjs")], { env: toolEnv() });
  const { code, output } = await outcome(child);
  say(output.trimEnd());
  if (code !== 0) throw new Refusal("The bench of the page failed.");
}
