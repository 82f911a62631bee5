/**
 * The single writer's own checks of its calls' arguments: sizes and forms that its journal and its rows rely on.
 * The entrypoint refuses bad input with better words; a value that fails here is a fault, and throws.
 */
import type { StoredComment } from "#schema/comment";
import { isId, timestampOf } from "#schema/id";
import {
  BOT_NAME_MAX_CHARACTERS,
  CLAIM_MAX_SECONDS,
  CLAIM_MIN_SECONDS,
  IMPORT_MAX,
  REASON_MAX_CHARACTERS,
} from "#schema/limits";
import { isRecordTooLong } from "../ledger/record-size";

/** An emoji is one character and two of JavaScript's units. */
const UNITS_A_CHARACTER = 2;

/** An address, or the first half of one, in words: at most 45 characters. */
const NETWORK_MAX_UNITS = 64;

export type Check = (value: never) => void;

/** @throws {RangeError} when it is no comment that may be stored. */
export function checkComment(comment: StoredComment): void {
  const { id, timestamp, text, username, color, botParams } = comment;
  checkId(id);
  ensure(timestamp === timestampOf(id), "a timestamp that is not the id's");
  for (const field of [text, username, color]) ensure(typeof field === "string", "a field's type");
  ensure(typeof botParams === "object" && botParams !== null, "no botParams");
  ensure(!isRecordTooLong(JSON.stringify(comment)), "a comment that is too long");
}

/** @throws {RangeError} when one of them is no comment that may be stored, or they are too many. */
export function checkComments(comments: readonly StoredComment[]): void {
  ensure(Array.isArray(comments) && comments.length <= IMPORT_MAX, "too many comments");
  for (const comment of comments) checkComment(comment);
}

/** @throws {RangeError} */
export function checkId(id: string): void {
  ensure(typeof id === "string" && isId(id), "what is no id");
}

/** @throws {RangeError} */
export function checkFlag(flag: boolean): void {
  ensure(typeof flag === "boolean", "a flag that is neither true nor false");
}

/** @throws {RangeError} */
export function checkBot(bot: string): void {
  checkText(bot, BOT_NAME_MAX_CHARACTERS * UNITS_A_CHARACTER);
}

/** @throws {RangeError} */
export function checkSeconds(seconds: number): void {
  const isInRange = seconds >= CLAIM_MIN_SECONDS && seconds <= CLAIM_MAX_SECONDS;
  ensure(Number.isInteger(seconds) && isInRange, "a claim's seconds");
}

/** @throws {RangeError} */
export function checkReason(reason: string | undefined): void {
  if (reason !== undefined) checkText(reason, REASON_MAX_CHARACTERS * UNITS_A_CHARACTER);
}

/** @throws {RangeError} */
export function checkNetwork(network: string | undefined): void {
  if (network !== undefined) checkText(network, NETWORK_MAX_UNITS);
}

function checkText(text: string, maxUnits: number): void {
  ensure(typeof text === "string" && text.length <= maxUnits, "a text that is too long");
}

function ensure(condition: boolean, what: string): void {
  if (!condition) throw new RangeError(`the single writer was given ${what}`);
}
