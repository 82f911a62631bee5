// @ts-check
import { readArguments } from "./command/arguments.mjs";
import { Refusal } from "./command/refusal.mjs";
import { runCommand } from "./command/run.mjs";
import { say } from "./command/terminal.mjs";
import { requireLogin, startWrangler, wranglerJson } from "./deploy/cloudflare.mjs";
import { createTailReader } from "./deploy/tail.mjs";
import { targetOf } from "./deploy/target.mjs";

const USAGE = `npm run logs [-- --branch NAME]

Follows the logs of Worker and page, one JSON object per line, until interrupted.

  --branch NAME  that branch's preview instead of production`;

runCommand(async ({ serving, fail }) => {
  const { values } = readArguments(USAGE, { options: { branch: { type: "string" } } });
  const target = targetOf(values.branch);
  await requireLogin();
  const deployment = await newestPage(target);
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

/** @param {import("./deploy/target.mjs").Target} target */
async function newestPage({ env, project, pagesBranch }) {
  /** @type {{ Id: string, Branch: string }[]} newest first */
  const all = await wranglerJson([
    "pages",
    "deployment",
    "list",
    `--project-name=${project}`,
    `--environment=${env === "" ? "production" : "preview"}`,
    "--json",
  ]);
  const newest = all.find(({ Branch }) => Branch === pagesBranch);
  if (!newest) throw new Refusal(`${project} has no deployment of ${pagesBranch} yet.`);
  return newest.Id;
}
