// @ts-check
// `npm run bench -- [NAME…] [--full] [--ledger kv|sqlite] [--json FILE]`: what the wall does, beside its alternatives and the floor.
import { mkdirSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { runCommand } from "../scripts/command.mjs";
import { ROOT } from "../scripts/paths.mjs";
import { spawnNode } from "../scripts/process-group.mjs";
import { progress } from "../scripts/progress.mjs";
import { outcome } from "../scripts/quiet-run.mjs";
import { Refusal } from "../scripts/refusal.mjs";
import { say, seconds } from "../scripts/terminal.mjs";
import { toolEnv } from "../scripts/tool-env.mjs";
import { print } from "./report.mjs";

const QUICK = ["post", "loss", "poll", "fresh", "grow"];
const NAMES = [...QUICK, "cold", "fanout", "soak", "cost", "page"];
const STEPS = 100;

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
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      full: { type: "boolean", default: false },
      ledger: { type: "string", default: "kv" },
      json: { type: "string", default: path.join(ROOT, ".state", "bench.json") },
    },
  });
  for (const name of positionals)
    if (!NAMES.includes(name))
      throw new Refusal(`There is no bench “${name}”; there are ${NAMES.join(", ")}.`);
  const { full, json, ledger } = values;
  if (ledger !== "kv" && ledger !== "sqlite")
    throw new Refusal(`--ledger must be kv or sqlite, not “${ledger}”.`);
  return {
    names: positionals.length > 0 ? positionals : QUICK,
    full,
    ledger: /** @type {import("./runtime.mjs").Ledger} */ (ledger),
    json,
  };
}

/** Has a command of its own, and a browser. */
async function page() {
  const child = spawnNode([path.join(ROOT, "bench", "page.mjs")], { env: toolEnv() });
  const { code, output } = await outcome(child);
  say(output.trimEnd());
  if (code !== 0) throw new Refusal("The bench of the page failed.");
}
