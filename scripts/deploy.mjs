// @ts-check
import path from "node:path";
import { readArguments } from "./command/arguments.mjs";
import { ensureInstalled } from "./command/install.mjs";
import { ROOT } from "./command/paths.mjs";
import { WrongArgument } from "./command/refusal.mjs";
import { runCommand } from "./command/run.mjs";
import { say } from "./command/terminal.mjs";
import { clearPreview } from "./deploy/clear.mjs";
import { deploy } from "./deploy/deployment.mjs";
import { dryRun } from "./deploy/dry-run.mjs";
import { targetOf } from "./deploy/target.mjs";
import { currentVersion } from "./deploy/version.mjs";
import { provideBuilt } from "./page/build.mjs";

const USAGE = `npm run deploy [-- --branch NAME | --clear NAME | --dry-run]

Puts the wall up on Cloudflare, where wrangler is logged in.

  --branch NAME  instead a preview of that branch, with a wall of its own
  --clear NAME   empties the wall of a branch's preview, and takes its pages down
  --dry-run      does all but send; needs no account

Environment:
  BOT_TOKEN, ADMIN_TOKEN  the wall's tokens: needed with a first deploy, and kept by Cloudflare from then on`;

runCommand(async () => {
  const options = readOptions();
  const target = targetOf(options.clear ?? options.branch);
  await ensureInstalled();
  if (options.clear !== undefined) {
    await clearPreview(target, process.env);
    say(`cleared the preview of ${options.clear} (its wall was ${target.wall})`);
    return;
  }
  const version = await currentVersion();
  if (options.dryRun) {
    await dryRun(await buildPage(target.wall), version);
    say(`${version} could be deployed as ${target.worker} and ${target.project}; nothing was sent`);
    return;
  }
  const url = await deploy({ target, version, env: process.env, buildPage });
  say(`live ${url} version ${version}`);
});

/** @param {string} wall */
async function buildPage(wall) {
  const directory = path.join(ROOT, ".vercel", "deploy", wall);
  await provideBuilt(wall, directory);
  return directory;
}

function readOptions() {
  const { values } = readArguments(USAGE, {
    options: {
      branch: { type: "string" },
      clear: { type: "string" },
      "dry-run": { type: "boolean", default: false },
    },
  });
  const { branch, clear } = values;
  if (branch !== undefined && clear !== undefined)
    throw new WrongArgument("--branch and --clear are two things: give one of them.");
  return { branch, clear, dryRun: values["dry-run"] };
}
