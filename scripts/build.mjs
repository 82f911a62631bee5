// @ts-check
import { readArguments } from "./command/arguments.mjs";
import { ensureInstalled } from "./command/install.mjs";
import { runCommand } from "./command/run.mjs";
import { buildAnew } from "./page/build.mjs";
import { readWall } from "./stack/settings.mjs";

const USAGE = `npm run build

Builds the page into .vercel/output/static, like Cloudflare Pages.

Environment:
  WALL  the wall that the page shows (main)`;

runCommand(async () => {
  readArguments(USAGE);
  const wall = readWall(process.env);
  await ensureInstalled();
  await buildAnew(wall);
});
