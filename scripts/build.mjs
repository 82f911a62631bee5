// @ts-check
import { readArguments } from "./arguments.mjs";
import { runCommand } from "./command.mjs";
import { ensureInstalled } from "./install.mjs";
import { buildAnew } from "./page-build.mjs";
import { readWall } from "./settings.mjs";

const USAGE = `npm run build

Builds the page into .vercel/output/static, as Cloudflare Pages would.

Environment:
  WALL  the wall that the page is of (main)`;

runCommand(async () => {
  readArguments(USAGE);
  const wall = readWall(process.env);
  await ensureInstalled();
  await buildAnew(wall);
});
