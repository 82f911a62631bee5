// @ts-check
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { ROOT } from "../command/paths.mjs";
import { spawnNode } from "../command/process-group.mjs";
import { toolEnv } from "../command/tool-env.mjs";
import { registryPath } from "./registry.mjs";

/** @typedef {import("./settings.mjs").Settings} Settings */

const CLI = path.join(ROOT, "node_modules", "wrangler", "bin", "wrangler.js");
// Port 0 is any free one; wrangler reports it through its IPC channel.
const INTERNAL = ["--ip=127.0.0.1", "--port=0", "--inspector-port=0"];

/**
 * Page and Worker find each other here, and no other stack on this machine.
 * @param {Settings} settings
 */
export function registryEnv({ stateDir }) {
  return { WRANGLER_REGISTRY_PATH: registryPath(stateDir) };
}

/**
 * @param {Settings} settings
 * @param {string} envFile from `writeWorkerEnv`
 * @param {(chunk: Buffer) => void} log
 */
export function launchWorker(settings, envFile, log) {
  return launch(
    [
      "dev",
      "--config=worker/wrangler.toml",
      "--env=",
      ...INTERNAL,
      `--persist-to=${settings.stateDir}`,
      `--env-file=${envFile}`,
    ],
    settings,
    log,
  );
}

/**
 * @param {Settings} settings
 * @param {string} directory the built page
 * @param {(chunk: Buffer) => void} log
 */
export function launchPage(settings, directory, log) {
  return launch(
    // It has its own cache, like another domain in production. One log line per request would say
    // nothing.
    [
      "pages",
      "dev",
      directory,
      ...INTERNAL,
      `--persist-to=${path.join(settings.stateDir, "page-state")}`,
      `--binding=ALLOWED_ORIGINS=${settings.allowedOrigins}`,
      "--log-level=warn",
    ],
    settings,
    log,
  );
}

/** Wrangler fetches `Request.cf` from the network unless it is stored; the wall does not use it. */
export function storeRequestCf() {
  const directory = path.join(ROOT, "node_modules", ".mf");
  mkdirSync(directory, { recursive: true });
  writeFileSync(path.join(directory, "cf.json"), '{"colo":"LOCAL"}\n');
}

/**
 * Tokens go in a file that only its owner can read: everyone can see a command line. It is written
 * once, so that a restart needs no disk space.
 * @param {Settings} settings
 * @returns {string} the file
 */
export function writeWorkerEnv({ stateDir, tokens, ledger, live, wall }) {
  const file = path.join(stateDir, "worker.env");
  const variables = {
    ...tokens,
    LEDGER: ledger,
    LIVE: live ? "on" : "off",
    WALL: wall,
    OWN_DISK: "yes",
  };
  const lines = Object.entries(variables).map(([name, value]) => `${name}="${value}"\n`);
  writeFileSync(file, lines.join(""), { mode: 0o600 });
  chmodSync(file, 0o600);
  return file;
}

/**
 * @param {string[]} argv
 * @param {Settings} settings
 * @param {(chunk: Buffer) => void} log
 */
function launch(argv, settings, log) {
  const child = spawnNode([CLI, ...argv], { env: { ...toolEnv(), ...registryEnv(settings) } });
  child.stdout?.on("data", log);
  child.stderr?.on("data", log);
  return child;
}
