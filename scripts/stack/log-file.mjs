// @ts-check
import { createWriteStream, mkdirSync, rmSync, statSync } from "node:fs";
import path from "node:path";

const LARGEST_KEPT_BYTES = 10 * 1024 * 1024;

/**
 * A log that goes on from the last start, unless it has grown too large.
 * @param {string} file
 * @param {{ echo: boolean }} options echo shows it on stderr as well
 * @returns {(chunk: Buffer) => void}
 */
export function openLog(file, { echo }) {
  mkdirSync(path.dirname(file), { recursive: true });
  const size = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
  if (size > LARGEST_KEPT_BYTES) rmSync(file);
  const stream = createWriteStream(file, { flags: "a" });
  return (chunk) => {
    stream.write(chunk);
    if (echo) process.stderr.write(chunk);
  };
}
