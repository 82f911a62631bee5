// @ts-check
// Generates the module before the adapter (app/entry.ts), with the API's route handlers in it.
import path from "node:path";
import { ROOT } from "../command/paths.mjs";

const EDGE = path.join(ROOT, "app", "edge");

/**
 * Writes a module that exports `guarded(adapter)`.
 * @param {string} file
 * @param {string} wall
 */
export async function writeEntry(file, wall) {
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
    define: { "process.env.WALL": JSON.stringify(wall) },
  });
}
