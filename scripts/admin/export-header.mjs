// @ts-check
// The first line of an export: the wall that it is of, and where a later export continues.
import { createReadStream } from "node:fs";
import { Refusal } from "../command/refusal.mjs";
import { importLines } from "./import-lines.mjs";

/** @typedef {import("../../schema/backup").ExportHeader} ExportHeader */

/**
 * Reads the header of an export.
 * @param {string} file
 * @returns {Promise<ExportHeader>}
 * @throws {Refusal} if the file can't be read, or does not begin with one
 */
export async function headerOf(file) {
  try {
    for await (const line of importLines(createReadStream(file))) {
      if ("header" in line) return line.header;
      break;
    }
  } catch (error) {
    throw new Refusal(`${file} can't be read: ${error instanceof Error ? error.message : error}.`);
  }
  throw new Refusal(`${file} does not begin with the header of an export.`);
}
