// @ts-check
import path from "node:path";
import { readArguments } from "./command/arguments.mjs";
import { ensureInstalled } from "./command/install.mjs";
import { ROOT } from "./command/paths.mjs";
import { WrongArgument } from "./command/refusal.mjs";
import { runCommand } from "./command/run.mjs";
import { say } from "./command/terminal.mjs";
import { chooseLedger } from "./deploy/choose-ledger.mjs";
import { clearPreview } from "./deploy/clear.mjs";
import { deploy } from "./deploy/deployment.mjs";
import { sayExamined } from "./deploy/doctor.mjs";
import { dryRun } from "./deploy/dry-run.mjs";
import { readDeploySettings } from "./deploy/settings.mjs";
import { currentVersion, targetOf } from "./deploy/target.mjs";
import { provideBuilt } from "./page/build.mjs";

const USAGE = `npm run deploy [-- --branch NAME | --clear NAME | --dry-run]

Deploys the wall to the Cloudflare account that wrangler is logged in to.

  --branch NAME  deploy a preview of that branch instead, with its own wall
  --clear NAME   delete a branch's preview: its messages and its pages
  --dry-run      do everything except sending; needs no account

Environment:
  BOT_TOKEN, ADMIN_TOKEN  the wall's tokens: required for the first deploy; Cloudflare stores them

Environment, or lines of deploy.env, which git ignores (deploy.env.example has them all):
  LEDGER           sqlite or kv: where a new wall stores its messages; the first deploy asks for it
  LOCATION_HINT    the region of a new wall's object
  LIVE=off         switches the live channel off
  ALLOWED_ORIGINS  other sites whose pages may use the API, separated by commas
  BACKUP_BUCKET    an R2 bucket for daily backups; off ends them`;

runCommand(async () => {
  const options = readOptions();
  const target = targetOf(options.clear ?? options.branch);
  const settings = readDeploySettings(process.env);
  await ensureInstalled();
  if (options.clear !== undefined) {
    await clearPreview(target, process.env);
    say(`cleared the preview of ${options.clear} (wall ${target.wall})`);
    return;
  }
  const version = await currentVersion();
  if (options.dryRun) {
    await dryRun(await buildPage(target.wall, settings.allowedOrigins), version);
    say(`${version} can be deployed as ${target.worker} and ${target.project}; nothing was sent`);
    return;
  }
  const url = await deploy({
    target,
    version,
    env: process.env,
    settings,
    chooseLedger,
    buildPage: (wall) => buildPage(wall, settings.allowedOrigins),
  });
  const { failed } = await sayExamined(url);
  if (failed > 0) {
    process.exitCode = 1;
    say(`${failed} checks failed; \`npm run doctor -- --url ${url}\` repeats them`);
  }
  say(`live ${url} version ${version}`);
});

/**
 * @param {string} wall
 * @param {string} [allowedOrigins]
 */
async function buildPage(wall, allowedOrigins) {
  const directory = path.join(ROOT, ".vercel", "deploy", wall);
  await provideBuilt(wall, directory, allowedOrigins);
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
    throw new WrongArgument("Use --branch or --clear, not both.");
  return { branch, clear, dryRun: values["dry-run"] };
}
