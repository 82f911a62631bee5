// @ts-check
// Parses comments in JSON lines, from `npm run export` or from the older key layout. The wall
// validates the comments; this module only turns lines into comments, removals and headers.
import { createHash } from "node:crypto";

/** @typedef {Record<string, unknown>} ImportedComment */
/** @typedef {{ number: number, comment: ImportedComment, bytes: number }} RightLine */
/** @typedef {{ number: number, wrong: string }} WrongLine */
/** @typedef {{ number: number, removed: string }} RemovalLine the id of a removed message */
/** @typedef {{ number: number, header: import("../../schema/backup").ExportHeader }} HeaderLine */
/** @typedef {RightLine | WrongLine | RemovalLine | HeaderLine} Line */

/** A comment of 1,000 characters has at most 12 KB, escaped; each line is held in memory. */
export const LINE_MAX_BYTES = 64 * 1024;

const LINE_FEED = 0x0a;
/** Lines that npm prints around a command, and those that `npm run export` prints to standard error. */
const BANNER =
  /^(> .*|npm (notice|warn|WARN)\b.*|Wall \S+ at https?:\S+|\d+ comments(, \d+ removals)?)$/;

const ID = /^\d{13}-[0-9a-z]{10}$/;
/** `comment:<timestamp>:<id>`, the key format of older walls. */
const OLDER_KEY = /^comment:(\d{13}):(.+)$/;
/** Marks an older comment whose id looks like a current one. */
const OLDER_TYPE = "message-type";
const SUFFIX_LENGTH = 10;
const SUFFIX_SPACE = 36n ** BigInt(SUFFIX_LENGTH);
const DEFAULT_COLOR = "#808080";
const USERNAME_MAX = 16;

/** Refuses bytes that are not UTF-8, and removes a byte order mark at the start of a line. */
const UTF8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: false });

/**
 * Reads lines one at a time, however long the input is. Skips blank lines, and npm's output around
 * a redirected export.
 * @param {AsyncIterable<Uint8Array>} input
 * @returns {AsyncGenerator<Line>}
 */
export async function* importLines(input) {
  let number = 0;
  for await (const bytes of linesOf(input)) {
    number += 1;
    const line = lineOf(bytes, number);
    if (line) yield line;
  }
}

/**
 * The bytes of each line; `null` for a line that is too long.
 * @param {AsyncIterable<Uint8Array>} input
 * @returns {AsyncGenerator<Buffer | null>}
 */
async function* linesOf(input) {
  /** @type {Buffer | null} */
  let begun = Buffer.alloc(0);
  for await (const chunk of input) {
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    let start = 0;
    for (let end = bytes.indexOf(LINE_FEED); end >= 0; end = bytes.indexOf(LINE_FEED, start)) {
      yield joined(begun, bytes.subarray(start, end));
      begun = Buffer.alloc(0);
      start = end + 1;
    }
    begun = joined(begun, bytes.subarray(start));
  }
  if (begun === null || begun.length > 0) yield begun;
}

/**
 * @param {Buffer | null} begun
 * @param {Buffer} rest
 */
function joined(begun, rest) {
  if (begun === null || begun.length + rest.length > LINE_MAX_BYTES) return null;
  return begun.length === 0 ? rest : Buffer.concat([begun, rest]);
}

/**
 * @param {Buffer | null} bytes
 * @param {number} number
 * @returns {Line | null}
 */
function lineOf(bytes, number) {
  if (bytes === null) return { number, wrong: `is longer than ${LINE_MAX_BYTES} bytes` };
  const text = decoded(bytes)?.trim();
  if (text === undefined) return { number, wrong: "is not UTF-8" };
  if (text === "" || BANNER.test(text)) return null;
  const value = parse(text);
  if (isHeader(value)) return { number, header: value };
  if (isObject(value) && "removed" in value) return removalIn(value, number);
  const comment = commentIn(value);
  if (typeof comment === "string") return { number, wrong: comment };
  return { number, comment, bytes: bytes.length };
}

/**
 * @param {Record<string, unknown>} value
 * @param {number} number
 * @returns {RemovalLine | WrongLine}
 */
function removalIn({ removed }, number) {
  return typeof removed === "string" && ID.test(removed)
    ? { number, removed }
    : { number, wrong: "has no comment's id to remove" };
}

/**
 * @param {unknown} value a parsed line
 * @returns {value is import("../../schema/backup").ExportHeader}
 */
function isHeader(value) {
  const { saywhatwant, wall, at, cursor } = /** @type {Record<string, unknown>} */ (value ?? {});
  const hasTypes = typeof wall === "string" && typeof at === "number" && typeof cursor === "string";
  return saywhatwant === "export" && hasTypes;
}

/** @param {Buffer} bytes */
function decoded(bytes) {
  try {
    return UTF8.decode(bytes);
  } catch {
    return undefined;
  }
}

/**
 * @param {unknown} value
 * @returns {ImportedComment | string} or the error
 */
function commentIn(value) {
  if (!isObject(value)) return "is not a JSON object";
  if (typeof value.id === "string" && ID.test(value.id) && !(OLDER_TYPE in value)) return value;
  const [key, stored] = [value.key ?? value.name, value.value ?? value];
  const older = typeof stored === "string" ? parse(stored) : stored;
  if (!isObject(older) || typeof older.text !== "string" || older.text === "")
    return "has no comment: its text is missing";
  const named = OLDER_KEY.exec(String(key ?? ""));
  const timestamp = Number(named?.[1] ?? older.timestamp);
  const name = String(named?.[2] ?? older.id ?? "");
  if (!(timestamp > 0 && timestamp < 1e13) || name === "")
    return "has neither a key like comment:<timestamp>:<id> nor an id and a timestamp";
  return modern(older, Math.trunc(timestamp), name);
}

/**
 * Gives an older comment an id of today's form: always the same id for the same comment.
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
  const type = older[OLDER_TYPE] === "AI" || older.type === "bot" ? "bot" : "human";
  const processed = botParams?.processed ?? (type === "human" ? true : undefined);
  return {
    id: `${String(timestamp).padStart(13, "0")}-${suffix}`,
    timestamp,
    text,
    username: olderName(username || "anonymous"),
    color: /^#[0-9a-f]{6}$/i.test(String(color)) ? color.toLowerCase() : DEFAULT_COLOR,
    type,
    botParams: processed === undefined ? {} : { processed: processed === true },
  };
}

/**
 * Older names could be longer. Composed before cutting, since a decomposed name has more
 * characters.
 * @param {unknown} name
 */
function olderName(name) {
  if (typeof name !== "string") return name;
  return [...name.normalize("NFC")].slice(0, USERNAME_MAX).join("");
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
