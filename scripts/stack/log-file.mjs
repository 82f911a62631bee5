// @ts-check
import { appendFileSync, mkdirSync, renameSync, rmSync, statSync } from "node:fs";
import path from "node:path";

/**
 * Two files of this size, the current and the previous, cover hours of a busy wall and days of a
 * quiet one.
 */
export const LOG_MAX_BYTES = 5 * 1024 * 1024;
/** On a full disk every line fails; one report an hour is enough. */
const REPORT_INTERVAL_MS = 60 * 60_000;

/**
 * Opens a log file; a new start appends to the lines of the last. A full file is renamed to FILE.old,
 * which replaces the previous FILE.old. Writes are synchronous, so nothing accumulates in memory.
 * They never throw: a line that can't be written is dropped, and stderr has a report once an hour.
 * @param {string} file
 * @param {{ echo: boolean }} options echo: write each line to stderr, too
 * @returns {(chunk: Buffer) => void}
 */
export function openLog(file, { echo }) {
  let reportedAt = Number.NEGATIVE_INFINITY;
  return (chunk) => {
    if (echo) process.stderr.write(chunk);
    try {
      append(file, chunk);
    } catch (error) {
      if (performance.now() - reportedAt < REPORT_INTERVAL_MS) return;
      reportedAt = performance.now();
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
