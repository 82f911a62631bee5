// @ts-check
import { cp, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { acquireLock } from "../command/lock.mjs";
import { ROOT } from "../command/paths.mjs";
import { spawnNode } from "../command/process-group.mjs";
import { lastLines, outcome } from "../command/quiet-run.mjs";
import { Refusal } from "../command/refusal.mjs";
import { timed } from "../command/terminal.mjs";
import { toolEnv } from "../command/tool-env.mjs";
import { writeEntry } from "./entry.mjs";
import { fingerprint } from "./fingerprint.mjs";
import { writePageHeaders } from "./headers.mjs";

const WORK = path.join(ROOT, ".vercel");
/** The output of a build; `provideBuilt` makes a copy that stays. */
export const BUILT = path.join(WORK, "output", "static");
const LOG = path.join(WORK, "build.log");
// Identifies the sources of the output; written last, so an interrupted build has none.
const STAMP = path.join(WORK, "built-from");
const LOCK_POLL_MS = 200;
const ADAPTER_EXPORT = /export\s*\{\s*([\w$]+) as default\s*\};?/;

/** @param {string} wall */
export async function buildAnew(wall) {
  const baked = { WALL: wall, ALLOWED_ORIGINS: "" };
  await alone(async () => build(baked, await fingerprint(baked)));
}

/**
 * Builds the page unless the same sources have been built, and copies it for one server: another
 * build, even for another wall, may start while that server runs.
 * @param {string} wall
 * @param {string} directory
 * @param {string} [allowedOrigins] for a page that gets none at its start, as in the cloud
 */
export async function provideBuilt(wall, directory, allowedOrigins = "") {
  const baked = { WALL: wall, ALLOWED_ORIGINS: allowedOrigins };
  await alone(async () => {
    const sources = await fingerprint(baked);
    if ((await readFile(STAMP, "utf8").catch(() => "")) !== sources) await build(baked, sources);
    await rm(directory, { recursive: true, force: true });
    await cp(BUILT, directory, { recursive: true });
  });
}

/**
 * @param {import("./entry.mjs").Baked} baked
 * @param {string} sources
 */
async function build(baked, sources) {
  await timed("building the page", async () => {
    await rm(STAMP, { force: true });
    const cli = path.join(ROOT, "node_modules", "@cloudflare", "next-on-pages", "bin", "index.js");
    const child = spawnNode([cli], {
      env: { ...toolEnv(), NODE_ENV: "production", WALL: baked.WALL },
    });
    const { code, output } = await outcome(child);
    await writeFile(LOG, output);
    if (code !== 0) {
      throw new Refusal(
        `The build failed; its last lines (see all of them in ${path.relative(process.cwd(), LOG)}):\n` +
          lastLines(output, 40),
      );
    }
    await writePageHeaders(BUILT);
    await guardAdapter(path.join(BUILT, "_worker.js"), baked);
    await writeFile(STAMP, sources);
  });
}

/**
 * Puts our entry before the adapter: an import in the adapter's file, which stays the first one.
 * @param {string} directory the page's worker
 * @param {import("./entry.mjs").Baked} baked
 */
async function guardAdapter(directory, baked) {
  await writeEntry(path.join(directory, "entry.js"), baked);
  const file = path.join(directory, "index.js");
  const [before, name, after, ...more] = (await readFile(file, "utf8")).split(ADAPTER_EXPORT);
  if (name === undefined || more.length > 0)
    throw new Error(`${file} must contain exactly one export`);
  const guard = `import { guarded } from "./entry.js";\nexport default guarded(${name});`;
  await writeFile(file, `${before}\n${guard}\n${after}`);
}

/**
 * Two builds at once would overwrite each other's output.
 * @param {() => Promise<void>} work
 */
async function alone(work) {
  await mkdir(WORK, { recursive: true });
  let lock = await acquireLock(WORK, "build");
  for (; "heldBy" in lock; lock = await acquireLock(WORK, "build")) await delay(LOCK_POLL_MS);
  try {
    await work();
  } finally {
    lock.release();
  }
}
