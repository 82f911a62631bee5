// @ts-check
import { readArguments } from "./command/arguments.mjs";
import { Refusal } from "./command/refusal.mjs";
import { runCommand } from "./command/run.mjs";
import { say } from "./command/terminal.mjs";
import { requireLogin, startWrangler } from "./deploy/cloudflare.mjs";
import { deploymentsOf } from "./deploy/page.mjs";
import { createTailReader } from "./deploy/tail.mjs";
import { targetOf } from "./deploy/target.mjs";

const USAGE = `npm run logs [-- --branch NAME]

Follows the logs of Worker and page, one JSON object per line, until interrupted.

  --branch NAME  that branch's preview instead of production`;

runCommand(async ({ serving, fail }) => {
  const { values } = readArguments(USAGE, { options: { branch: { type: "string" } } });
  const target = targetOf(values.branch);
  await requireLogin();
  const [deployment] = await deploymentsOf(target);
  if (deployment === undefined)
    throw new Refusal(`${target.project} has no deployment of ${target.pagesBranch} yet.`);
  /** @type {[string, string[]][]} */
  const halves = [
    ["worker", ["tail", target.worker]],
    ["page", ["pages", "deployment", "tail", deployment, `--project-name=${target.project}`]],
  ];
  serving(async () => {});
  for (const [half, argv] of halves) {
    const child = startWrangler([...argv, "--format=json"]);
    const read = createTailReader(half, say);
    let complaint = "";
    child.stdout?.on("data", (chunk) => read(String(chunk)));
    child.stderr?.on("data", (chunk) => {
      complaint += chunk;
    });
    child.once("close", (code) =>
      fail(new Refusal(`The ${half}'s logs ended (${code}). ${complaint.trim()}`)),
    );
  }
});
