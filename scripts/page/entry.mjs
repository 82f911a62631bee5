// @ts-check
// Bundles the module that stands before the adapter in the built page (app/edge/entry.ts).
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
    // `neutral` resolves no package by itself; these are the fields for browsers and workers.
    mainFields: ["module", "main"],
    alias: { "@cloudflare/next-on-pages": path.join(EDGE, "request-context.ts") },
    define: { "process.env.WALL": JSON.stringify(wall) },
  });
}
