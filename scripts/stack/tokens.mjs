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
/** 128 bits in base64. The Worker ignores a shorter token, and further ones of a role (schema/limits.ts). */
const TOKEN_MIN_CHARACTERS = 22;
const TOKENS_PER_ROLE_MAX = 20;
/** The name of a token's holder: shorter than any token, so that a token in its place is not printed. */
const HOLDER = /^[A-Za-z0-9_-]{1,20}$/;
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
  requireDistinctTokens(tokens);
  return { tokens, kept };
}

/**
 * @param {string} name
 * @param {string} value one token, or several separated by spaces, each with or without its holder's name: `alice:TOKEN`
 * @throws {Refusal} if no client could send one of them, or the Worker would ignore it
 */
export function requireToken(name, value) {
  const entries = splitTokens(value);
  if (entries.length === 0) throw new Refusal(`${name} holds no token.`);
  if (entries.length > TOKENS_PER_ROLE_MAX)
    throw new Refusal(
      `${name} may hold at most ${TOKENS_PER_ROLE_MAX} tokens, but it has ${entries.length}.`,
    );
  for (const { holder, token } of entries) {
    if (holder !== undefined && !HOLDER.test(holder))
      throw new Refusal(
        `${name}: a name before a token may have 1 to 20 characters of A-Z, a-z, 0-9, _ and -.`,
      );
    const what = holder === undefined ? name : `${name}, ${holder}'s token,`;
    if (!BEARER_TOKEN.test(token)) {
      throw new Refusal(
        `${what} may contain only A-Z, a-z, 0-9 and . _ ~ + / -, and "=" at its end.`,
      );
    }
    if (token.length < TOKEN_MIN_CHARACTERS) {
      throw new Refusal(
        `${what} must have at least ${TOKEN_MIN_CHARACTERS} characters, but it has ${token.length}.`,
      );
    }
  }
}

/**
 * @param {Partial<Record<TokenName, string>>} tokens
 * @throws {Refusal} if bots and admins share a token: its holder would count as a bot
 */
export function requireDistinctTokens({ BOT_TOKEN = "", ADMIN_TOKEN = "" }) {
  const bots = new Set(splitTokens(BOT_TOKEN).map(({ token }) => token));
  if (splitTokens(ADMIN_TOKEN).some(({ token }) => bots.has(token)))
    throw new Refusal("ADMIN_TOKEN must differ from BOT_TOKEN.");
}

/**
 * The token that a command sends: the first one, without its holder's name.
 * @param {string} value
 */
export function firstToken(value) {
  return splitTokens(value)[0]?.token ?? "";
}

/** @param {string} value */
function splitTokens(value) {
  return value
    .split(/\s+/)
    .filter(Boolean)
    .map((entry) => {
      const colon = entry.indexOf(":");
      return colon < 0
        ? { holder: undefined, token: entry }
        : { holder: entry.slice(0, colon), token: entry.slice(colon + 1) };
    });
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
  requireDistinctTokens(tokens);
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
