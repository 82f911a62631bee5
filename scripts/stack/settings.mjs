// @ts-check
import { randomBytes } from "node:crypto";
import path from "node:path";
import { STATE_DIR } from "../command/paths.mjs";
import { Refusal } from "../command/refusal.mjs";

/**
 * The settings of `npm start` and `npm run dev`, from the environment.
 * @typedef {object} Settings
 * @property {string} host
 * @property {number} port 0 takes any free one
 * @property {string} stateDir absolute; contains all stored data
 * @property {string} wall
 * @property {"kv" | "sqlite"} ledger
 * @property {string} botToken
 * @property {string} adminToken
 * @property {string} allowedOrigins other origins whose pages may use the API, separated by commas
 * @property {Record<string, string>} madeTokens tokens generated because they were not set, by name
 * @property {boolean} live false switches the live channel off: pages poll only
 * @property {boolean} cron false disables the Worker's cron, for tests without it
 * @property {boolean} echoLogs
 */

export const LEDGERS = /** @type {const} */ (["kv", "sqlite"]);

/** The usage text of these settings. */
export const SETTINGS_USAGE = `Environment:
  PORT             port to listen on (8788); 0 takes any free port
  HOST             address to listen on (127.0.0.1)
  STATE_DIR        directory for all data (.state)
  WALL             the wall's name (main)
  LEDGER           kv (the default) or sqlite: where a new wall stores its comments
  BOT_TOKEN        the token for bots; generated and printed if not set
  ADMIN_TOKEN      the token for admins; likewise
  ALLOWED_ORIGINS  other sites whose pages may use the API, separated by commas
  LIVE=off         switches the live channel off: pages poll only
  CRON=off         disables the Worker's cron
  LOG=1            also prints the logs here`;

const WALL_NAME = /^[a-z0-9-]{1,63}$/;
// RFC 6750's b64token: the characters that a client can send after "Bearer ".
const BEARER_TOKEN = /^[A-Za-z0-9._~+/-]+=*$/;
const TOKEN_BYTES = 32;
/** 128 bits in base64; the Worker ignores a shorter token (schema/limits.ts). */
const TOKEN_MIN_CHARACTERS = 22;

/**
 * @param {NodeJS.ProcessEnv} env
 * @returns {Settings}
 * @throws {Refusal} naming the first invalid variable
 */
export function readSettings(env) {
  /** @type {Record<string, string>} */
  const madeTokens = {};
  const botToken = readToken(env, "BOT_TOKEN", madeTokens);
  const adminToken = readToken(env, "ADMIN_TOKEN", madeTokens);
  if (botToken === adminToken) throw new Refusal("ADMIN_TOKEN must differ from BOT_TOKEN.");
  return {
    host: env.HOST || "127.0.0.1",
    port: readPort(env.PORT || "8788"),
    stateDir: env.STATE_DIR ? path.resolve(env.STATE_DIR) : STATE_DIR,
    wall: readWall(env),
    ledger: readLedger(env.LEDGER || "kv"),
    botToken,
    adminToken,
    madeTokens,
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

/**
 * @param {NodeJS.ProcessEnv} env
 * @param {string} name
 * @param {Record<string, string>} madeTokens
 */
function readToken(env, name, madeTokens) {
  const given = env[name];
  if (!given) {
    const made = randomBytes(TOKEN_BYTES).toString("hex");
    madeTokens[name] = made;
    return made;
  }
  requireToken(name, given);
  return given;
}

/**
 * @param {string} name
 * @param {string} token
 * @throws {Refusal} if no client could send it, or the Worker would ignore it
 */
export function requireToken(name, token) {
  if (!BEARER_TOKEN.test(token)) {
    throw new Refusal(
      `${name} may contain only A-Z, a-z, 0-9 and . _ ~ + / -, and "=" at its end.`,
    );
  }
  if (token.length < TOKEN_MIN_CHARACTERS) {
    throw new Refusal(
      `${name} must have at least ${TOKEN_MIN_CHARACTERS} characters, but it has ${token.length}.`,
    );
  }
}
