// @ts-check
// Calls Cloudflare through wrangler: the one on the PATH, which under npm is this project's own.
import { readFileSync } from "node:fs";
import path from "node:path";
import { stripVTControlCharacters } from "node:util";
import { ROOT } from "../command/paths.mjs";
import { spawnCommand } from "../command/process-group.mjs";
import { lastLines, outcome } from "../command/quiet-run.mjs";
import { Refusal } from "../command/refusal.mjs";
import { withScratchDirectory } from "../command/scratch.mjs";
import { toolEnv } from "../command/tool-env.mjs";

/** @typedef {{ code: number, stdout: string, output: string }} Ran */

const OWN_TOOLS = path.join(ROOT, "node_modules", ".bin");
const NO_SUCH_WORKER = /\b10007\b|does not exist on your account/;

/** Wrangler's messages, and the advice for each. @type {[RegExp, string][]} */
const KNOWN_FAILURES = [
  [
    /not logged in|CLOUDFLARE_API_TOKEN|Authentication error|Invalid access token|Invalid API Token|Invalid request headers|\b10000\b/i,
    "Cloudflare refused the login: run `npx wrangler login`, or set CLOUDFLARE_API_TOKEN to a token that may edit Workers, KV and Pages.",
  ],
  [
    /More than one account/i,
    "Your login has several accounts: set CLOUDFLARE_ACCOUNT_ID to one of them (`npx wrangler whoami` lists them).",
  ],
  [/fetch failed|fetch request failed/i, unreachable()],
  [
    /spawn \S+ ENOENT/,
    "wrangler is not on the PATH: run this through npm, in a checkout after `npm ci`.",
  ],
];

/**
 * The sentence for a network failure. A repeated command finds the work of the earlier one.
 * @param {string} [reason]
 */
export function unreachable(reason) {
  return `Cloudflare can't be reached${reason ? ` (${reason})` : ""}. Check your network, then run the same command again: it continues.`;
}

/**
 * The reason of a failed `fetch`: its own message only says that it failed.
 * @param {unknown} error
 */
export function reasonOf(error) {
  if (!(error instanceof Error)) return String(error);
  return (error.cause instanceof Error && error.cause.message) || error.message;
}

/**
 * An environment in which wrangler asks no questions and writes no ids into the configuration.
 * @param {Record<string, string>} extra
 * @returns {NodeJS.ProcessEnv}
 */
function wranglerEnv(extra) {
  /** @type {NodeJS.ProcessEnv} */
  const env = toolEnv();
  return { ...env, PATH: `${env.PATH ?? ""}${path.delimiter}${OWN_TOOLS}`, ...extra };
}

/**
 * Starts a wrangler command that keeps running.
 * @param {string[]} argv
 * @param {Record<string, string>} [env]
 */
export function startWrangler(argv, env = {}) {
  return spawnCommand("wrangler", argv, wranglerEnv(env));
}

/**
 * @param {string[]} argv
 * @param {Record<string, string>} [env]
 * @returns {Promise<Ran>}
 */
export async function tryWrangler(argv, env = {}) {
  const { code, stdout, output } = await outcome(startWrangler(argv, env));
  return { code, stdout, output: stripVTControlCharacters(output) };
}

/**
 * @param {string[]} argv
 * @param {Record<string, string>} [env]
 * @throws {Refusal} if it fails, with advice if the error is known, else with its last lines
 */
export async function wrangler(argv, env) {
  const ran = await tryWrangler(argv, env);
  if (ran.code !== 0) throw failureOf(argv, ran.output);
  return ran;
}

/**
 * @param {string[]} argv
 * @returns {Promise<any>} its output, parsed as JSON
 */
export async function wranglerJson(argv) {
  return parsed((await wrangler(argv)).stdout);
}

/**
 * Like `wranglerJson`, for a Worker that may not exist.
 * @param {string[]} argv
 */
export async function wranglerJsonIfThere(argv) {
  const ran = await tryWrangler(argv);
  if (ran.code === 0) return parsed(ran.stdout);
  if (NO_SUCH_WORKER.test(ran.output)) return null;
  throw failureOf(argv, ran.output);
}

/**
 * Runs wrangler and returns its machine-readable report.
 * @param {string[]} argv
 * @returns {Promise<Record<string, any>[]>} one entry per event
 */
export function wranglerReport(argv) {
  return withScratchDirectory("deploy", async (directory) => {
    const file = path.join(directory, "report.ndjson");
    await wrangler(argv, { WRANGLER_OUTPUT_FILE_PATH: file });
    const lines = readFileSync(file, "utf8").split("\n").filter(Boolean);
    return lines.map((line) => JSON.parse(line));
  });
}

/** @throws {Refusal} unless wrangler is logged in */
export async function requireLogin() {
  const { code, stdout, output } = await tryWrangler(["whoami", "--json"]);
  if (code === 0 && parsed(stdout).loggedIn) return;
  if (/"loggedIn":\s*false/.test(stdout))
    throw new Refusal(
      "You are not logged in to Cloudflare: run `npx wrangler login`, or set CLOUDFLARE_API_TOKEN.",
    );
  throw failureOf(["whoami"], output);
}

/**
 * The advice for a known failure, else the last lines.
 * @param {string[]} argv
 * @param {string} output
 */
export function failureOf(argv, output) {
  const known = KNOWN_FAILURES.find(([words]) => words.test(output));
  const command = argv.filter((word) => !word.startsWith("--")).join(" ");
  return new Refusal(
    known ? known[1] : `\`wrangler ${command}\` failed; its last lines:\n${lastLines(output, 20)}`,
  );
}

/** @param {string} stdout JSON, possibly after an extra line */
function parsed(stdout) {
  const start = stdout.search(/^[[{]/m);
  return JSON.parse(start < 0 ? "null" : stdout.slice(start));
}
