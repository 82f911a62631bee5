// @ts-check
// Checks that package-lock.json still installs with an older Node's npm: a newer npm silently
// repairs faults that an older one refuses.
import { createHash } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { ROOT } from "../command/paths.mjs";
import { spawnCommand } from "../command/process-group.mjs";
import { outcome } from "../command/quiet-run.mjs";
import { say } from "../command/terminal.mjs";
import { toolEnv } from "../command/tool-env.mjs";
import { FAILED, PASSED, SKIPPED } from "./counts.mjs";

/** The npm of Node 20. */
const OLDEST_NPM = "npm@10.8.2";
const FILES = ["package.json", "package-lock.json"];
/** Remembers files that passed, so that the registry is asked only after a change. */
const MEMORY = path.join(ROOT, "node_modules", ".cache", "lock-file-passed");
/**
 * Messages of an npm that got no answer, or not the requested package: they say nothing about the
 * lock file.
 */
const NO_REGISTRY =
  /\b(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH|ERR_SOCKET_TIMEOUT|EIDLETIMEOUT|ENOTCACHED|E40[1347]|E429|E5\d\d|ETARGET|CERT_\w+|UNABLE_TO_\w+|SELF_SIGNED_\w+)\b/;
const FETCH_DEADLINE_MS = 30_000;

/** @typedef {Record<string, { resolved?: string, integrity?: string, link?: boolean }>} Entries */

/** @returns {Promise<import("./counts.mjs").Counts>} skipped if the registry can't be reached */
export async function checkLockFile() {
  const contents = await Promise.all(FILES.map((file) => readFile(path.join(ROOT, file), "utf8")));
  const faults = faultsOf(JSON.parse(contents[1] ?? "{}").packages);
  if (faults.length > 0) {
    say(`  package-lock.json: ${faults.join("; ")}`);
    return FAILED;
  }
  const hash = createHash("sha256")
    .update(`${OLDEST_NPM}\0${contents.join("\0")}`)
    .digest("hex");
  if ((await readFile(MEMORY, "utf8").catch(() => "")) === hash) return PASSED;

  const { code, output } = await outcome(dryInstall());
  const verdict = verdictOn(code, output);
  if (verdict === PASSED) {
    await mkdir(path.dirname(MEMORY), { recursive: true });
    await writeFile(MEMORY, hash);
  } else if (verdict === SKIPPED) {
    say(`  not tried with ${OLDEST_NPM}: the registry does not answer`);
  } else {
    say(`  ${OLDEST_NPM} ci refuses package-lock.json:\n${output.trimEnd()}`);
  }
  return verdict;
}

function dryInstall() {
  const install = ["ci", "--dry-run", "--ignore-scripts", "--include=dev"];
  return spawnCommand("npx", ["--yes", OLDEST_NPM, ...install], {
    ...toolEnv(),
    // For npx and for the npm that it downloads.
    npm_config_fetch_retries: "0",
    npm_config_fetch_timeout: String(FETCH_DEADLINE_MS),
  });
}

/**
 * @param {number} code
 * @param {string} output
 */
export function verdictOn(code, output) {
  if (code === 0) return PASSED;
  return NO_REGISTRY.test(output) ? SKIPPED : FAILED;
}

/**
 * Each package must have a checksum, and no fixed registry, so that the user's own is used.
 * @param {Entries} entries
 */
export function faultsOf(entries) {
  return Object.entries(entries).flatMap(([place, { resolved, integrity, link }]) => {
    if (place === "" || link) return [];
    return [
      ...(integrity ? [] : [`${place} has no integrity`]),
      ...(resolved ? [`${place} names a registry`] : []),
    ];
  });
}
