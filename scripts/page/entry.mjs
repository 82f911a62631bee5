// @ts-check
// Generates the module before the adapter (app/entry.ts), with the API's route handlers in it.
import { readdir } from "node:fs/promises";
import path from "node:path";
import { ROOT } from "../command/paths.mjs";

const API = path.join(ROOT, "app", "api");

/**
 * Writes a module that exports `guarded(adapter)`.
 * @param {string} file
 * @param {string} wall
 */
export async function writeEntry(file, wall) {
  // Not at the top: start.mjs imports this file before anything is installed.
  const { bundleModule } = await import("../command/bundle.mjs");
  await bundleModule({
    stdin: { contents: entryOf(await routeFiles()), resolveDir: ROOT, sourcefile: "entry.js" },
    outfile: file,
    platform: "neutral",
    minify: true,
    // Resolves packages as for browsers and workers: `neutral` alone resolves none.
    mainFields: ["module", "main"],
    alias: { "@cloudflare/next-on-pages": path.join(ROOT, "app", "request-context.ts") },
    define: { "process.env.WALL": JSON.stringify(wall) },
  });
}

/** @returns {Promise<string[]>} relative to `app/api`, in the same order on every machine */
async function routeFiles() {
  const files = await readdir(API, { recursive: true });
  return files.filter((file) => path.basename(file) === "route.ts").sort();
}

/** @param {readonly string[]} files relative to `app/api` */
function entryOf(files) {
  const table = tableOf(files);
  const imports = table.map(
    ({ file }, index) => `import * as route${index} from ${JSON.stringify(path.join(API, file))};`,
  );
  const routes = table.map(
    ({ pattern }, index) => `{ pattern: ${pattern}, handlers: route${index} },`,
  );
  return `
import { before } from ${JSON.stringify(path.join(ROOT, "app", "entry.ts"))};
${imports.join("\n")}
const routes = [
${routes.join("\n")}
];
export const guarded = (adapter) => before(adapter, routes);
`;
}

/**
 * Maps paths to files; if several match, the first one answers.
 * @param {readonly string[]} files relative to `app/api`
 */
export function tableOf(files) {
  return files
    .map((file) => ({ file, segments: segmentsOf(file) }))
    .sort((a, b) => freedomOf(a.segments) - freedomOf(b.segments))
    .map(({ file, segments }) => ({ file, pattern: patternOf(segments) }));
}

/** @param {string} file relative to `app/api` */
function segmentsOf(file) {
  const directory = path.dirname(file);
  return directory === "." ? [] : directory.split(path.sep);
}

/**
 * Next.js' order: fixed names come before `[name]`, and that before `[[...path]]`.
 * @param {readonly string[]} segments
 */
function freedomOf(segments) {
  if (segments.some((segment) => segment.startsWith("[["))) return Number.POSITIVE_INFINITY;
  return segments.filter((segment) => segment.startsWith("[")).length;
}

/**
 * The paths of a route. None ends with a slash: Next.js redirects those.
 * @param {readonly string[]} segments
 * @throws {Error} for a kind of segment that the API does not use
 */
function patternOf(segments) {
  const parts = segments.map((segment) => {
    if (/^\[\[\.\.\.\w+\]\]$/.test(segment)) return "(?:/.*[^/])?";
    const [, name] = /^\[(\w+)\]$/.exec(segment) ?? [];
    if (name !== undefined) return `/(?<${name}>[^/]+)`;
    if (/^[\w.-]+$/.test(segment)) return `/${segment.replaceAll(".", "\\.")}`;
    throw new Error(`scripts/page/entry.mjs does not support the segment ${segment}`);
  });
  return new RegExp(`^/api${parts.join("")}$`);
}
