// @ts-check
import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { ROOT } from "../command/paths.mjs";

/**
 * The sources of the built page. The Worker is not among them: wrangler bundles it at each start.
 */
const SOURCES = [
  "app",
  "components",
  "client",
  "schema",
  "public",
  "scripts/page/build.mjs",
  "scripts/page/entry.mjs",
  "scripts/page/headers.mjs",
  "next.config.mjs",
  "postcss.config.mjs",
  "tsconfig.json",
  "vercel.json",
  "_routes.json",
  "package.json",
  "package-lock.json",
];

/**
 * A hash of names and contents, independent of file times and the checkout's path.
 * @param {Record<string, string>} env the variables that the build bakes in
 */
export async function fingerprint(env) {
  const hash = createHash("sha256").update(JSON.stringify(env));
  for (const source of SOURCES) {
    for (const file of await filesUnder(source)) {
      const content = await readFile(path.join(ROOT, file));
      hash.update(`\0${file}\0${content.length}\0`).update(content);
    }
  }
  return hash.digest("hex");
}

/**
 * @param {string} source
 * @returns {Promise<string[]>}
 */
async function filesUnder(source) {
  try {
    const entries = await readdir(path.join(ROOT, source), { withFileTypes: true });
    const nested = await Promise.all(
      entries.map((entry) => filesUnder(path.join(source, entry.name))),
    );
    return nested.flat().sort();
  } catch (error) {
    const { code } = /** @type {NodeJS.ErrnoException} */ (error);
    if (code === "ENOTDIR") return source.includes(".test.") ? [] : [source];
    if (code === "ENOENT") return [];
    throw error;
  }
}
