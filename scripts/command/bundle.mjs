// @ts-check
// Bundles TypeScript of this project into one file for Node, with optional patches.
import { readFile } from "node:fs/promises";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { build } from "esbuild";
import { ROOT } from "./paths.mjs";
import { withScratchDirectory } from "./scratch.mjs";

/**
 * A patch of one file: `find` must occur in it exactly once.
 * @typedef {{ file: string, find: string, replace: string }} Patch
 */

/**
 * Bundles one module with its imports, except the runtime's own modules.
 * @param {import("esbuild").BuildOptions} options some are set here
 */
export async function bundleModule(options) {
  await build({
    absWorkingDir: ROOT,
    bundle: true,
    format: "esm",
    target: "es2023",
    external: ["cloudflare:*", "node:*"],
    logLevel: "warning",
    ...options,
  });
}

/**
 * @param {string} entry relative to the project
 * @param {string} file where the bundle is written
 * @param {readonly Patch[]} [patches]
 */
export async function bundle(entry, file, patches = []) {
  const applied = new Set();
  await bundleModule({
    entryPoints: [path.join(ROOT, entry)],
    outfile: file,
    platform: "node",
    plugins: [
      {
        name: "runtime",
        // Only the runtime has this module: the class that the simulated object extends.
        setup({ onResolve }) {
          const standIn = path.join(ROOT, "sim/platform/cloudflare-workers.ts");
          onResolve({ filter: /^cloudflare:workers$/ }, () => ({ path: standIn }));
        },
      },
      {
        name: "patches",
        setup({ onLoad }) {
          onLoad({ filter: /\.ts$/ }, async ({ path: place }) => {
            const name = path.relative(ROOT, place);
            const wanted = patches.filter((patch) => patch.file === name);
            if (wanted.length === 0) return null;
            let contents = await readFile(place, "utf8");
            for (const patch of wanted) {
              contents = patched(contents, patch);
              applied.add(patch);
            }
            return { contents, loader: "ts" };
          });
        },
      },
    ],
  });
  const missed = patches.find((patch) => !applied.has(patch));
  if (missed) throw new Error(`${missed.file} is not part of ${entry}`);
}

/**
 * Bundles and loads a module of this project.
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
 * @throws if the patch does not fit the code
 */
export function patched(code, { file, find, replace }) {
  const [before, after, ...more] = code.split(find);
  if (before === undefined || after === undefined || more.length > 0)
    throw new Error(`${file} must contain exactly once: ${find}`);
  return `${before}${replace}${after}`;
}
