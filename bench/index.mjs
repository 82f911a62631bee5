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
const NAMES = [
  ...QUICK,
  "cold",
  "fanout",
  "live",
  "browsers",
  "soak",
  "cost",
  "memory",
  "scale",
  "page",
];
const STEPS = 100;

const USAGE = `npm run bench [-- NAME… --full --ledger kv|sqlite --json FILE]

Measures the wall against its alternatives and the platform's floor. Prints tables, and targets met or missed.

  NAME         one of ${NAMES.join(", ")};
               ${QUICK.join(", ")} by default
  --full       longer and with more rounds, for figures worth recording
  --ledger L   kv (the default) or sqlite
  --json FILE  write the raw samples here (.state/bench.json)`;

const LIMITATIONS = `Limits of these figures: one machine, one data centre, and one workerd process that runs every subject on
one thread. Its KV and cache are the local runtime's (no network, no caches of a minute, no limit of one write a second
per key), so absolute rates say little about production. Ratios compare subjects that took turns in one run, round by
round; the load's own client shares the machine with them. CPU is the whole of workerd's, including its KV.`;

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
      throw new WrongArgument(`Unknown bench “${name}”. Use ${NAMES.join(", ")}.`);
  const { full, json } = values;
  const names = positionals.length > 0 ? positionals : QUICK;
  return { names, full, ledger: oneOf(values.ledger, "--ledger", LEDGERS), json };
}

/** Has its own command, and needs a browser. */
async function page() {
  const child = spawnNode([path.join(ROOT, "bench", "page.mjs")], { env: toolEnv() });
  const { code, output } = await outcome(child);
  say(output.trimEnd());
  if (code !== 0) throw new Refusal("The page bench failed.");
}
