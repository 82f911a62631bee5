// @ts-check
// Comments in JSON lines: as `npm run export` writes them, or of the older key layout.
import { createHash } from "node:crypto";
import { Refusal } from "../command/refusal.mjs";

/** @typedef {{ id: string, timestamp: number } & Record<string, unknown>} ImportedComment */

const ID = /^\d{13}-[0-9a-z]{10}$/;
/** `comment:<timestamp>:<id>`, as walls before this one named their keys. */
const OLDER_KEY = /^comment:(\d{13}):(.+)$/;
const SUFFIX_LENGTH = 10;
const SUFFIX_SPACE = 36n ** BigInt(SUFFIX_LENGTH);
const DEFAULT_COLOR = "#808080";
const USERNAME_MAX = 16;

/**
 * The comments in a file, newest first, each id once.
 * @param {string} text
 * @returns {ImportedComment[]}
 * @throws {Refusal} naming the first line that holds none
 */
export function commentsIn(text) {
  /** @type {Map<string, ImportedComment>} */
  const byId = new Map();
  for (const [index, line] of text.split("\n").entries()) {
    if (line.trim() === "") continue;
    const comment = commentIn(line, index + 1);
    byId.set(comment.id, comment);
  }
  return [...byId.values()].sort((a, b) => (a.id < b.id ? 1 : -1));
}

/**
 * @param {string} line
 * @param {number} number
 */
function commentIn(line, number) {
  const value = parse(line);
  if (!isObject(value)) throw new Refusal(`Line ${number} is not a JSON object.`);
  if (ID.test(String(value.id)) && Number.isInteger(value.timestamp))
    return /** @type {ImportedComment} */ (value);
  const [key, stored] = [value.key ?? value.name, value.value ?? value];
  const older = typeof stored === "string" ? parse(stored) : stored;
  if (!isObject(older) || typeof older.text !== "string" || older.text === "")
    throw new Refusal(`Line ${number} holds no comment: there is no text in it.`);
  const named = OLDER_KEY.exec(String(key ?? ""));
  const timestamp = Number(named?.[1] ?? older.timestamp);
  const name = String(named?.[2] ?? older.id ?? "");
  if (!(timestamp > 0 && timestamp < 1e13) || name === "")
    throw new Refusal(
      `Line ${number} has neither a key like comment:<timestamp>:<id> nor an id and a timestamp.`,
    );
  return modern(older, Math.trunc(timestamp), name);
}

/**
 * An older comment under an id of today's form: the same one for the same comment.
 * @param {Record<string, any>} older
 * @param {number} timestamp
 * @param {string} name
 * @returns {ImportedComment}
 */
function modern(older, timestamp, name) {
  const digest = createHash("sha256").update(`${timestamp}:${name}`).digest();
  const suffix = (digest.readBigUInt64BE() % SUFFIX_SPACE)
    .toString(36)
    .padStart(SUFFIX_LENGTH, "0");
  const { text, username, color, botParams } = older;
  const type = older["message-type"] === "AI" || older.type === "bot" ? "bot" : "human";
  const processed = botParams?.processed ?? (type === "human" ? true : undefined);
  return {
    id: `${String(timestamp).padStart(13, "0")}-${suffix}`,
    timestamp,
    text,
    username: [...String(username || "anonymous")].slice(0, USERNAME_MAX).join(""),
    color: /^#[0-9a-f]{6}$/i.test(String(color)) ? color.toLowerCase() : DEFAULT_COLOR,
    type,
    botParams: processed === undefined ? {} : { processed: processed === true },
  };
}

/** @param {string} text */
function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/**
 * @param {unknown} value
 * @returns {value is Record<string, any>}
 */
function isObject(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
