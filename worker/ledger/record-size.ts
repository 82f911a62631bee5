import { RECORD_MAX_BYTES } from "#schema/limits";

/** UTF-8 needs at most this many bytes for one UTF-16 unit of a JavaScript string. */
const BYTES_A_UNIT_MAX = 3;

/** Whether a record's JSON is longer than any that this project writes. */
export function isRecordTooLong(json: string): boolean {
  if (json.length * BYTES_A_UNIT_MAX <= RECORD_MAX_BYTES) return false;
  return json.length > RECORD_MAX_BYTES || new TextEncoder().encode(json).length > RECORD_MAX_BYTES;
}
