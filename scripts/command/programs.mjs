// @ts-check
import { accessSync, constants } from "node:fs";
import path from "node:path";

/**
 * The path of the first of these programs that is on the PATH; `null` if none is.
 * @param {string[]} names
 */
export function onPath(names) {
  /** @type {string[]} */
  const directories = (process.env.PATH ?? "").split(path.delimiter);
  const candidates = names.flatMap((name) => directories.map((at) => path.join(at, name)));
  return candidates.find(isExecutable) ?? null;
}

/** @param {string} file */
export function isExecutable(file) {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
