/**
 * The single writer's checks of its call arguments: the sizes and formats that its journal and rows rely on.
 * The entrypoint refuses bad input with a clearer message. A value that fails here is a bug, and throws.
 */
import type { StoredComment } from "#schema/comment";
import { isId, timestampOf } from "#schema/id";
import {
  BOT_NAME_MAX_CHARACTERS,
  CLAIM_MAX_SECONDS,
  CLAIM_MIN_SECONDS,
  ENTITY_MAX_CHARACTERS,
  IMPORT_MAX,
  REASON_MAX_CHARACTERS,
  SECRET_MAX_CHARACTERS,
} from "#schema/limits";
import { isRecordTooLong } from "../ledger/record-size";

/** An emoji is one character, and two UTF-16 units in JavaScript. */
const UNITS_A_CHARACTER = 2;

/** An IP address as text, or the first half of one, has at most 45 characters. */
const NETWORK_MAX_UNITS = 64;

export type Check = (value: never) => void;

/** @throws {RangeError} when the comment may not be stored. */
export function checkComment(comment: StoredComment): void {
  const { id, timestamp, text, username, color, botParams } = comment;
  checkId(id);
  ensure(timestamp === timestampOf(id), "timestamp differs from the id's");
  for (const field of [text, username, color])
    ensure(typeof field === "string", "field is not a string");
  ensure(typeof botParams === "object" && botParams !== null, "botParams missing");
  ensure(!isRecordTooLong(JSON.stringify(comment)), "comment too long");
}

/** @throws {RangeError} when there are too many, or one of them may not be stored. */
export function checkComments(comments: readonly StoredComment[]): void {
  ensure(Array.isArray(comments) && comments.length <= IMPORT_MAX, "too many comments");
  for (const comment of comments) checkComment(comment);
}

/** @throws {RangeError} */
export function checkId(id: string): void {
  ensure(typeof id === "string" && isId(id), "invalid id");
}

/** @throws {RangeError} when there are too many, or one of them is invalid. */
export function checkIds(ids: readonly string[] | undefined): void {
  if (ids === undefined) return;
  ensure(Array.isArray(ids) && ids.length <= IMPORT_MAX, "too many ids");
  for (const id of ids) checkId(id);
}

/** @throws {RangeError} */
export function checkEntry(entry: number): void {
  ensure(Number.isSafeInteger(entry) && entry > 0, "invalid number of an entry");
}

/** @throws {RangeError} */
export function checkHours(hours: number): void {
  ensure(hours === 1 || hours === 24, "hours out of range");
}

/** @throws {RangeError} */
export function checkFlag(flag: boolean): void {
  ensure(typeof flag === "boolean", "flag is not a boolean");
}

/** @throws {RangeError} */
export function checkBot(bot: string): void {
  checkText(bot, BOT_NAME_MAX_CHARACTERS * UNITS_A_CHARACTER);
}

/** @throws {RangeError} */
export function checkName(name: string | undefined): void {
  if (name !== undefined) checkText(name, ENTITY_MAX_CHARACTERS * UNITS_A_CHARACTER);
}

/** @throws {RangeError} */
export function checkSeconds(seconds: number): void {
  const isInRange = seconds >= CLAIM_MIN_SECONDS && seconds <= CLAIM_MAX_SECONDS;
  ensure(Number.isInteger(seconds) && isInRange, "claim seconds out of range");
}

/** @throws {RangeError} */
export function checkSecret(secret: string): void {
  checkText(secret, SECRET_MAX_CHARACTERS);
}

/** @throws {RangeError} */
export function checkReason(reason: string | undefined): void {
  if (reason !== undefined) checkText(reason, REASON_MAX_CHARACTERS * UNITS_A_CHARACTER);
}

/** @throws {RangeError} */
export function checkNetwork(network: string | undefined): void {
  if (network !== undefined) checkKnownNetwork(network);
}

/** @throws {RangeError} */
export function checkKnownNetwork(network: string): void {
  checkText(network, NETWORK_MAX_UNITS);
}

function checkText(text: string, maxUnits: number): void {
  ensure(typeof text === "string" && text.length <= maxUnits, "text too long");
}

function ensure(condition: boolean, fault: string): void {
  if (!condition) throw new RangeError(`invalid argument of a call to the single writer: ${fault}`);
}
