// @ts-check
// Worlds come in two sizes: as shipped, and with every capacity reduced, so that a few simulated
// minutes fill the change log, rotate the journal and evict comments.
import path from "node:path";
import { bundle } from "../command/bundle.mjs";

/** @typedef {import("../command/bundle.mjs").Patch} Patch */

/** @type {Patch[]} */
const SMALL = [
  {
    file: "schema/limits.ts",
    find: "WINDOW_SIZE = 500;",
    replace: "WINDOW_SIZE = 20;",
  },
  {
    file: "schema/limits.ts",
    find: "CHANGE_LOG_SIZE = 5_000;",
    replace: "CHANGE_LOG_SIZE = 60;",
  },
];

/**
 * Bundles the simulation in both sizes. Returns the two files, the one for odd seeds first.
 * @param {string} directory
 * @param {readonly Patch[]} [patches]
 */
export async function bundleSizes(directory, patches = []) {
  const shipped = path.join(directory, "shipped.mjs");
  const small = path.join(directory, "small.mjs");
  await bundle("sim/index.ts", shipped, patches);
  await bundle("sim/index.ts", small, [...SMALL, ...patches]);
  return { shipped, small };
}

/**
 * @param {number} seed
 * @param {{ shipped: string, small: string }} files
 */
export function fileOf(seed, { shipped, small }) {
  return seed % 2 === 1 ? shipped : small;
}
