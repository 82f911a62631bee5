// @ts-check
// Generates the module before the adapter (app/edge/entry.ts), with the API's route handlers in it.
import path from "node:path";
import { ROOT } from "../command/paths.mjs";

const EDGE = path.join(ROOT, "app", "edge");

/** @typedef {{ WALL: string, ALLOWED_ORIGINS: string }} Baked variables that the build writes into the page */

/**
 * Writes a module that exports `guarded(adapter)`.
 * @param {string} file
 * @param {Baked} baked
 */
export async function writeEntry(file, baked) {
  // Imported here because start.mjs loads this file before anything is installed.
  const { bundleModule } = await import("../command/bundle.mjs");
  await bundleModule({
    entryPoints: [path.join(EDGE, "entry.ts")],
    outfile: file,
    platform: "neutral",
    minify: true,
    // Resolves packages as for browsers and workers: `neutral` alone resolves none.
    mainFields: ["module", "main"],
    alias: { "@cloudflare/next-on-pages": path.join(EDGE, "request-context.ts") },
    define: Object.fromEntries(
      Object.entries(baked).map(([name, value]) => [`process.env.${name}`, JSON.stringify(value)]),
    ),
  });
}
