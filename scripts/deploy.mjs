// @ts-check
// `npm run deploy [-- --branch NAME | --clear NAME | --dry-run]`: puts the wall up on Cloudflare, or a preview
// of a branch beside it.
import path from "node:path";
import { readArguments } from "./arguments.mjs";
import { clearPreview } from "./clear.mjs";
import { runCommand } from "./command.mjs";
import { targetOf } from "./deploy-target.mjs";
import { deploy } from "./deployment.mjs";
import { dryRun } from "./dry-run.mjs";
import { ensureInstalled } from "./install.mjs";
import { provideBuilt } from "./page-build.mjs";
import { ROOT } from "./paths.mjs";
import { Refusal } from "./refusal.mjs";
import { say } from "./terminal.mjs";
import { currentVersion } from "./version.mjs";

const USAGE = "npm run deploy [-- --branch NAME | --clear NAME | --dry-run]";

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
  const values = readArguments(
    {
      branch: { type: "string" },
      clear: { type: "string" },
      "dry-run": { type: "boolean", default: false },
    },
    USAGE,
  );
  const { branch, clear } = values;
  if (branch !== undefined && clear !== undefined)
    throw new Refusal(`--branch and --clear are two things: ${USAGE}`);
  return { branch, clear, dryRun: values["dry-run"] };
}
