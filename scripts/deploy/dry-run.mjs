// @ts-check
// Everything of a deploy except sending: needs no account, and is part of the checks.
import { readFileSync } from "node:fs";
import path from "node:path";
import { ROOT } from "../command/paths.mjs";
import { Refusal } from "../command/refusal.mjs";
import { withScratchDirectory } from "../command/scratch.mjs";
import { timed } from "../command/terminal.mjs";
import { wrangler } from "./cloudflare.mjs";
import { deployArguments } from "./worker.mjs";

/** Environments of the Worker: production's, then the previews'. @type {("" | "preview")[]} */
const ENVIRONMENTS = ["", "preview"];

/**
 * Routes that may be billed as function calls: the API, and paths that look like another host,
 * which the page's guard refuses (app/entry.ts). Everything else is a file, and free.
 */
const FUNCTION_ROUTES = ["/api", "/api/*", "//*"];

const WARNING = /▲|WARNING|\bwarn/i;

/**
 * @param {string} directory the built page
 * @param {string} version
 * @throws {Refusal} for an error or a warning
 */
export async function dryRun(directory, version) {
  for (const env of ENVIRONMENTS)
    await timed(`the Worker for ${env || "production"}`, () =>
      quiet([...deployArguments({ env }, version), "--dry-run"]),
    );
  await timed("the page with its functions", () => bundleFunctions(directory));
  requireRoutes(directory);
}

/** @param {string} directory */
function bundleFunctions(directory) {
  return withScratchDirectory("functions", (out) =>
    quiet([
      "pages",
      "functions",
      "build",
      `--project-directory=${ROOT}`,
      `--build-output-directory=${directory}`,
      `--outdir=${out}`,
      // The command ignores these in wrangler.toml; a deploy does not.
      ...compatibility(),
    ]),
  );
}

function compatibility() {
  const config = readFileSync(path.join(ROOT, "wrangler.toml"), "utf8");
  const [, date] = /^compatibility_date = "(.*)"$/m.exec(config) ?? [];
  const [, flags = ""] = /^compatibility_flags = \[(.*)\]$/m.exec(config) ?? [];
  const names = [...flags.matchAll(/"([^"]+)"/g)].map(([, name]) => name);
  return [`--compatibility-date=${date}`, ...names.map((name) => `--compatibility-flag=${name}`)];
}

/** @param {string} directory */
function requireRoutes(directory) {
  const { include } = JSON.parse(readFileSync(path.join(directory, "_routes.json"), "utf8"));
  if (JSON.stringify(include) !== JSON.stringify(FUNCTION_ROUTES))
    throw new Refusal(
      `_routes.json sends ${include.join(", ")} to functions, but only ${FUNCTION_ROUTES.join(", ")} are allowed: each served file would be billed as a call.`,
    );
}

/** @param {string[]} argv */
async function quiet(argv) {
  const { output } = await wrangler(argv);
  if (WARNING.test(output)) throw new Refusal(`wrangler warns:\n${output.trim()}`);
}
