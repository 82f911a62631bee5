// @ts-check
import { appendFileSync, mkdirSync, renameSync, rmSync, statSync } from "node:fs";
import path from "node:path";

/**
 * Two files of this size, the current and the previous, cover hours of a busy wall and days of a
 * quiet one.
 */
export const LOG_MAX_BYTES = 5 * 1024 * 1024;
/** A full disk fails at every line; one complaint an hour is enough. */
const COMPLAINT_INTERVAL_MS = 60 * 60_000;

/**
 * Appends to a log file across starts. A full file becomes FILE.old and replaces the previous one.
 * Writes are synchronous, so nothing accumulates in memory, and it never throws: a line that can't
 * be written is dropped and reported on stderr.
 * @param {string} file
 * @param {{ echo: boolean }} options echo also writes to stderr
 * @returns {(chunk: Buffer) => void}
 */
export function openLog(file, { echo }) {
  let complainedAt = Number.NEGATIVE_INFINITY;
  return (chunk) => {
    if (echo) process.stderr.write(chunk);
    try {
      append(file, chunk);
    } catch (error) {
      if (performance.now() - complainedAt < COMPLAINT_INTERVAL_MS) return;
      complainedAt = performance.now();
      const { message } = /** @type {Error} */ (error);
      process.stderr.write(
        `Log lines for ${file} are dropped until it can be written: ${message}\n`,
      );
    }
  };
}

/**
 * @param {string} file
 * @param {Buffer} chunk
 */
function append(file, chunk) {
  const size = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
  if (size > LOG_MAX_BYTES) rmSync(file);
  else if (size > 0 && size + chunk.length > LOG_MAX_BYTES) renameSync(file, `${file}.old`);
  if (size === 0) mkdirSync(path.dirname(file), { recursive: true });
  appendFileSync(file, chunk);
}
