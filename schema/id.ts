/**
 * A comment's id, and the one order of comments.
 *
 * An id is `<timestamp, 13 digits>-<suffix, 10 of 0-9a-z>`. The suffix is random, or, for a comment
 * with a nonce, a digest of that nonce: copies of one message then share their suffix wherever they
 * were accepted, and the rebuilder recognises them by their ids alone.
 */

import { NONCE_LIFETIME_MS } from "./limits";

export const ID_PATTERN = /^\d{13}-[0-9a-z]{10}$/;

const SUFFIX_LENGTH = 10;
const SUFFIX_SPACE = 36n ** BigInt(SUFFIX_LENGTH);
const LAST_TIMESTAMP = 9_999_999_999_999;
const TIMESTAMP_DIGITS = 13;
const KEY_PREFIX = "comment:";

export function isId(value: string): boolean {
  return ID_PATTERN.test(value);
}

export function makeId(timestamp: number, suffix: string): string {
  return `${String(timestamp).padStart(TIMESTAMP_DIGITS, "0")}-${suffix}`;
}

/** The milliseconds before the dash. */
export function timestampOf(id: string): number {
  return Number(id.slice(0, TIMESTAMP_DIGITS));
}

export function suffixOf(id: string): string {
  return id.slice(TIMESTAMP_DIGITS + 1);
}

/** Whether two ids are copies of one message with one nonce. Random suffixes never match. */
export function isSameMessage(a: string, b: string): boolean {
  const apart = Math.abs(timestampOf(a) - timestampOf(b));
  return suffixOf(a) === suffixOf(b) && apart <= NONCE_LIFETIME_MS;
}

/** Ten characters from at least eight bytes, uniform to within 2^-12. */
export function suffixFromBytes(bytes: Uint8Array): string {
  let value = 0n;
  for (const byte of bytes.subarray(0, 8)) value = (value << 8n) | BigInt(byte);
  return (value % SUFFIX_SPACE).toString(36).padStart(SUFFIX_LENGTH, "0");
}

/** Newest first by timestamp, then id ascending: negative when `a` stands before `b`. */
export function compareIds(a: string, b: string): number {
  if (a === b) return 0;
  const ascending = a < b ? -1 : 1;
  return isSameTime(a, b) ? ascending : -ascending;
}

/**
 * Compares from the last digit on, where two timestamps differ soonest: this is the inner loop of
 * every search.
 */
function isSameTime(a: string, b: string): boolean {
  for (let digit = TIMESTAMP_DIGITS - 1; digit >= 0; digit -= 1)
    if (a.charCodeAt(digit) !== b.charCodeAt(digit)) return false;
  return true;
}

/** The prefix of a wall's keys; `main` has none. */
export function wallPrefix(wall: string): string {
  return wall === "main" ? "" : `wall:${wall}:`;
}

/** The prefix of a wall's comments, shared by no other keys. */
export function commentPrefix(wall: string): string {
  return wallPrefix(wall) + KEY_PREFIX;
}

/**
 * The key of a comment, computed from its id alone. KV lists keys in ascending byte order and has
 * no reverse, so the timestamp is inverted: the newest key comes first.
 */
export function keyOf(wall: string, id: string): string {
  const inverted = String(LAST_TIMESTAMP - timestampOf(id)).padStart(TIMESTAMP_DIGITS, "0");
  return `${commentPrefix(wall)}${inverted}:${id}`;
}

/** The id in a key, or `null` when `keyOf` can't have made the key. */
export function idOfKey(wall: string, key: string): string | null {
  const id = key.slice(-(TIMESTAMP_DIGITS + 1 + SUFFIX_LENGTH));
  return isId(id) && keyOf(wall, id) === key ? id : null;
}
