// @ts-check
import path from "node:path";
import { STATE_DIR } from "../command/paths.mjs";
import { Refusal } from "../command/refusal.mjs";
import { requireToken, TOKEN_NAMES } from "./tokens.mjs";

/**
 * The settings of `npm start` and `npm run dev`, from the environment.
 * @typedef {object} Settings
 * @property {string} host
 * @property {number} port 0 takes any free one
 * @property {string} stateDir absolute; contains all stored data
 * @property {string} wall
 * @property {"kv" | "sqlite"} ledger
 * @property {Record<import("./tokens.mjs").TokenName, string>} tokens empty if not set: see `provideTokens`
 * @property {string} allowedOrigins other origins whose pages may use the API, separated by commas
 * @property {boolean} live false switches the live channel off: pages poll only
 * @property {boolean} cron false disables the Worker's cron, for tests without it
 * @property {boolean} echoLogs
 */

export const DEFAULT_PORT = "8788";

export const LEDGERS = /** @type {const} */ (["kv", "sqlite"]);

/** The usage text of these settings. */
export const SETTINGS_USAGE = `Environment:
  PORT             port to listen on (${DEFAULT_PORT}); 0 takes any free port
  HOST             address to listen on (127.0.0.1)
  STATE_DIR        directory for all data (.state)
  WALL             the wall's name (main)
  LEDGER           kv (the default) or sqlite: where a new wall stores its comments
  BOT_TOKEN        the token for bots, or several separated by spaces, each with or without a name (ada:TOKEN);
                   if not set, generated once, kept in STATE_DIR, and printed
  ADMIN_TOKEN      the token for admins; likewise
  ALLOWED_ORIGINS  other sites whose pages may use the API, separated by commas
  LIVE=off         switches the live channel off: pages poll only
  CRON=off         disables the Worker's cron
  LOG=1            also prints the logs here`;

/**
 * The directory of all data of a wall with this environment.
 * @param {NodeJS.ProcessEnv} env
 * @returns {string} absolute
 */
export function stateDirOf(env) {
  return env.STATE_DIR ? path.resolve(env.STATE_DIR) : STATE_DIR;
}

const WALL_NAME = /^[a-z0-9-]{1,63}$/;

/**
 * @param {NodeJS.ProcessEnv} env
 * @returns {Settings}
 * @throws {Refusal} naming the first invalid variable
 */
export function readSettings(env) {
  return {
    host: env.HOST || "127.0.0.1",
    port: readPort(env.PORT || DEFAULT_PORT),
    stateDir: stateDirOf(env),
    wall: readWall(env),
    ledger: readLedger(env.LEDGER || "kv"),
    tokens: readTokens(env),
    allowedOrigins: readOrigins(env.ALLOWED_ORIGINS || ""),
    live: env.LIVE !== "off",
    cron: env.CRON !== "off",
    echoLogs: env.LOG === "1",
  };
}

/** @param {NodeJS.ProcessEnv} env */
export function readWall(env) {
  const wall = env.WALL || "main";
  if (!WALL_NAME.test(wall)) {
    throw new Refusal(`WALL must be 1 to 63 characters of a-z, 0-9 and "-", but it is "${wall}".`);
  }
  return wall;
}

/** @param {string} value */
function readPort(value) {
  const port = Number(value);
  if (!/^\d+$/.test(value) || port > 65_535) {
    throw new Refusal(`PORT must be a whole number from 0 to 65535, but it is "${value}".`);
  }
  return port;
}

/** @param {string} value */
function readLedger(value) {
  const ledger = LEDGERS.find((known) => known === value);
  if (!ledger) throw new Refusal(`LEDGER must be "kv" or "sqlite", but it is "${value}".`);
  return ledger;
}

/**
 * Checks a list of origins, apart by commas or spaces, and puts commas between them.
 * @param {string} value
 * @throws {Refusal} naming the first that is none
 */
export function readOrigins(value) {
  const origins = value.split(/[\s,]+/).filter(Boolean);
  for (const origin of origins) {
    if (URL.canParse(origin) && new URL(origin).origin === origin) continue;
    throw new Refusal(
      `ALLOWED_ORIGINS must be origins like https://example.com, separated by commas, but one is "${origin}".`,
    );
  }
  return origins.join(",");
}

/** @param {NodeJS.ProcessEnv} env */
function readTokens(env) {
  const tokens = { BOT_TOKEN: env.BOT_TOKEN || "", ADMIN_TOKEN: env.ADMIN_TOKEN || "" };
  for (const name of TOKEN_NAMES) if (tokens[name]) requireToken(name, tokens[name]);
  return tokens;
}
