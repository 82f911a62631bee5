// @ts-check
// `npm run build`: builds the page into .vercel/output/static, as Cloudflare Pages would.
import { runCommand } from "./command.mjs";
import { ensureInstalled } from "./install.mjs";
import { buildAnew } from "./page-build.mjs";
import { readWall } from "./settings.mjs";

runCommand(async () => {
  const wall = readWall(process.env);
  await ensureInstalled();
  await buildAnew(wall);
});
