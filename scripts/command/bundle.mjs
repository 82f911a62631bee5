// @ts-check
// TypeScript of this project as one file that Node runs, changed on the way where that is asked for.
import { readFile } from "node:fs/promises";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { rolldown } from "rolldown";
import { ROOT } from "./paths.mjs";
import { withScratchDirectory } from "./scratch.mjs";

/**
 * A change of one file: `find` must stand in it exactly once.
 * @typedef {{ file: string, find: string, replace: string }} Patch
 */

/**
 * @param {string} entry relative to the project
 * @param {string} file where the bundle is written
 * @param {readonly Patch[]} [patches]
 */
export async function bundle(entry, file, patches = []) {
  const applied = new Set();
  const bundler = await rolldown({
    input: path.join(ROOT, entry),
    platform: "node",
    cwd: ROOT,
    logLevel: "warn",
    plugins: [
      {
        name: "patches",
        async load(id) {
          const name = path.relative(ROOT, id);
          const wanted = patches.filter((patch) => patch.file === name);
          if (wanted.length === 0) return null;
          let code = await readFile(id, "utf8");
          for (const patch of wanted) {
            code = patched(code, patch);
            applied.add(patch);
          }
          return { code, moduleType: "ts" };
        },
      },
    ],
  });
  await bundler.write({ file, format: "esm", codeSplitting: false });
  await bundler.close();
  const missed = patches.find((patch) => !applied.has(patch));
  if (missed) throw new Error(`${missed.file} is no part of ${entry}`);
}

/**
 * A module of this project, bundled and loaded.
 * @param {string} entry relative to the project
 */
export function importBundled(entry) {
  return withScratchDirectory("bundle", async (directory) => {
    const file = path.join(directory, "bundle.mjs");
    await bundle(entry, file);
    return import(pathToFileURL(file).href);
  });
}

/**
 * @param {string} code
 * @param {Patch} patch
 */
function patched(code, { file, find, replace }) {
  const [before, after, ...more] = code.split(find);
  if (before === undefined || after === undefined || more.length > 0)
    throw new Error(`${file} does not hold once: ${find}`);
  return `${before}${replace}${after}`;
}
