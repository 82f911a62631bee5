// @ts-check
// Pages built by next-on-pages: the wall's, and the smallest possible one.
import { cp, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { ROOT } from "../scripts/command/paths.mjs";
import { spawnNode } from "../scripts/command/process-group.mjs";
import { outcome } from "../scripts/command/quiet-run.mjs";
import { Refusal } from "../scripts/command/refusal.mjs";
import { timed } from "../scripts/command/terminal.mjs";
import { toolEnv } from "../scripts/command/tool-env.mjs";
import { provideBuilt } from "../scripts/page/build.mjs";
import { fingerprint } from "../scripts/page/fingerprint.mjs";

const NEXT_ON_PAGES = path.join(ROOT, "node_modules/@cloudflare/next-on-pages/bin/index.js");
const BARE = path.join(ROOT, ".vercel", "bare-next");

/**
 * @type {Map<string, Promise<string>>} copies finished or in progress, by directory: two subjects may share one
 */
const wallPages = new Map();

/**
 * The directory of the wall's built worker.
 * @param {string} directory
 */
export function provideWallPage(directory) {
  const built = path.join(directory, "page");
  const page =
    wallPages.get(built) ?? provideBuilt("main", built).then(() => path.join(built, "_worker.js"));
  wallPages.set(built, page);
  return page;
}

/**
 * The same page served by Next.js and its adapter, without the entry that our build adds.
 * @param {string} directory
 */
export async function providePageWithoutEntry(directory) {
  const worker = path.join(directory, "page-without-entry");
  await cp(await provideWallPage(directory), worker, { recursive: true });
  const file = path.join(worker, "index.js");
  const [before, adapter, after] = (await readFile(file, "utf8")).split(/\bguarded\(([\w$]+)\)/);
  if (adapter === undefined) throw new Error(`${file} has no entry before the adapter`);
  await writeFile(file, `${before}${adapter}${after}`);
  return worker;
}

/**
 * The built worker of the smallest app, built beside the wall's so that it finds the same packages.
 */
export async function provideBareNext() {
  const built = path.join(BARE, ".vercel", "output", "static", "_worker.js");
  const stamp = path.join(BARE, "built-from");
  const source = path.join(ROOT, "bench", "subjects", "bare-next");
  const route = await readFile(path.join(source, "app", "api", "comments", "route.js"), "utf8");
  const sources = (await fingerprint({ WALL: "main" })) + route;
  if ((await readFile(stamp, "utf8").catch(() => "")) === sources) return built;
  await timed("building the smallest Next app", async () => {
    await rm(BARE, { recursive: true, force: true });
    await mkdir(BARE, { recursive: true });
    await cp(source, BARE, { recursive: true });
    await cp(path.join(ROOT, "vercel.json"), path.join(BARE, "vercel.json"));
    const { code, output } = await outcome(
      spawnNode([NEXT_ON_PAGES], { env: { ...toolEnv(), NODE_ENV: "production" }, cwd: BARE }),
    );
    if (code !== 0) throw new Refusal(`The smallest Next app was not built:\n${output}`);
    await writeFile(stamp, sources);
  });
  return built;
}
