// @ts-check
// The wall's tokens: from the environment, or made once and kept in the state directory, so that a bot's and an
// admin's token outlive a restart.
import { randomBytes } from "node:crypto";
import { readFileSync, renameSync, writeFileSync } from "node:fs";
import path from "node:path";
import { Refusal } from "../command/refusal.mjs";

/** @typedef {"BOT_TOKEN" | "ADMIN_TOKEN"} TokenName */
/** @typedef {Partial<Record<TokenName, string>>} Tokens */

export const TOKEN_NAMES = /** @type {const} */ (["BOT_TOKEN", "ADMIN_TOKEN"]);

// RFC 6750's b64token: the characters that a client can send after "Bearer ".
const BEARER_TOKEN = /^[A-Za-z0-9._~+/-]+=*$/;
const TOKEN_BYTES = 32;
/** 128 bits in base64; the Worker ignores a shorter token (schema/limits.ts). */
const TOKEN_MIN_CHARACTERS = 22;
const OWNER_ONLY = 0o600;

/**
 * Completes the tokens given in the environment. Call it with the state directory locked.
 * @param {string} stateDir
 * @param {Record<TokenName, string>} given an empty one is not set
 * @returns {{ tokens: Record<TokenName, string>, kept: Tokens }} `kept`: those that were not given
 * @throws {Refusal} if the kept tokens can't be read or are invalid, or both tokens are the same
 */
export function provideTokens(stateDir, given) {
  const unset = TOKEN_NAMES.filter((name) => !given[name]);
  /** @type {Tokens} */
  const kept = {};
  if (unset.length > 0) {
    const file = path.join(stateDir, "tokens.json");
    const stored = { ...newTokens(), ...readKept(file) };
    writeKept(file, stored);
    for (const name of unset) kept[name] = stored[name];
  }
  const tokens = { ...given, ...kept };
  if (tokens.BOT_TOKEN === tokens.ADMIN_TOKEN)
    throw new Refusal("ADMIN_TOKEN must differ from BOT_TOKEN.");
  return { tokens, kept };
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

function newTokens() {
  const make = () => randomBytes(TOKEN_BYTES).toString("hex");
  return { BOT_TOKEN: make(), ADMIN_TOKEN: make() };
}

/**
 * @param {string} file
 * @returns {Tokens}
 */
function readKept(file) {
  let text;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    const { code, message } = /** @type {NodeJS.ErrnoException} */ (error);
    if (code === "ENOENT") return {};
    throw new Refusal(`The tokens in ${file} can't be read: ${message}.`);
  }
  try {
    return parseKept(text);
  } catch {
    throw new Refusal(`${file} is no valid list of tokens. Delete it to have new tokens made.`);
  }
}

/** @param {string} text */
function parseKept(text) {
  const read = JSON.parse(text);
  if (typeof read !== "object" || read === null || Array.isArray(read)) throw new Error();
  /** @type {Tokens} */
  const tokens = {};
  for (const name of TOKEN_NAMES) {
    if (read[name] === undefined) continue;
    if (typeof read[name] !== "string") throw new Error();
    requireToken(name, read[name]);
    tokens[name] = read[name];
  }
  if (tokens.BOT_TOKEN && tokens.BOT_TOKEN === tokens.ADMIN_TOKEN) throw new Error();
  return tokens;
}

/**
 * Replaces the file atomically: after a crash it has the old tokens or the new ones.
 * @param {string} file
 * @param {Tokens} tokens
 */
function writeKept(file, tokens) {
  const next = `${file}.new`;
  writeFileSync(next, `${JSON.stringify(tokens, null, 2)}\n`, { mode: OWNER_ONLY });
  renameSync(next, file);
}
