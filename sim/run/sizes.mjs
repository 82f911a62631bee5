// @ts-check
// Worlds come in two sizes: as shipped, and with every capacity reduced, so that a few simulated
// minutes fill the change log, rotate the journal and evict comments.
import path from "node:path";
import { bundle } from "../../scripts/command/bundle.mjs";

/** @typedef {import("../../scripts/command/bundle.mjs").Patch} Patch */

/** A day, in ms, where days are short; and the hour for which flags are remembered. */
const DAY = "90_000";
const HOUR = "40_000";

/**
 * A day takes a minute and a half, so that whatever lasts hours or days ends several times in a world; what KV
 * keeps from readers for minutes takes seconds in proportion.
 * @type {[file: string, find: string, replace: string][]}
 */
const SMALLER = [
  ["schema/limits.ts", "WINDOW_SIZE = 500;", "WINDOW_SIZE = 20;"],
  ["schema/limits.ts", "CHANGE_LOG_SIZE = 5_000;", "CHANGE_LOG_SIZE = 60;"],
  ["schema/limits.ts", "NONCE_LIFETIME_MS = 24 * 60 * 60 * 1_000;", `NONCE_LIFETIME_MS = ${DAY};`],
  [
    "schema/limits.ts",
    "PENDING_LIFETIME_MS = 24 * 60 * 60 * 1_000;",
    `PENDING_LIFETIME_MS = ${DAY};`,
  ],
  ["schema/limits.ts", "UNSETTLED_ID_MS = 10 * 60 * 1_000;", "UNSETTLED_ID_MS = 60_000;"],
  ["schema/limits.ts", "OWN_REMOVAL_MS = 10 * 60 * 1_000;", "OWN_REMOVAL_MS = 20_000;"],
  [
    "schema/limits.ts",
    "REPORT_LIFETIME_MS = 7 * 24 * 60 * 60 * 1_000;",
    `REPORT_LIFETIME_MS = ${DAY};`,
  ],
  ["schema/limits.ts", "SENDER_DAYS = 7;", "SENDER_DAYS = 2;"],
  ["schema/limits.ts", "SAMPLE_MS = 60_000;", "SAMPLE_MS = 5_000;"],
  [
    "worker/writer/state/marks.ts",
    "const MARK_LIFETIME_MS = 60 * 60 * 1_000;",
    `const MARK_LIFETIME_MS = ${HOUR};`,
  ],
  [
    "worker/writer/state/marks.ts",
    "REMOVAL_MARK_LIFETIME_MS = NONCE_LIFETIME_MS + 60 * 60 * 1_000;",
    // Outages last as long as in large worlds.
    "REMOVAL_MARK_LIFETIME_MS = NONCE_LIFETIME_MS + 120_000;",
  ],
  ["worker/writer/keys/search.ts", "LIST_LAG_MAX_MS = 5 * 60_000;", "LIST_LAG_MAX_MS = 30_000;"],
  ["worker/writer/keys/late-put.ts", "LATE_PUT_MS = 2 * 60_000;", "LATE_PUT_MS = 12_000;"],
  ["worker/writer/tidying.ts", "FORGET_INTERVAL_MS = 60_000;", "FORGET_INTERVAL_MS = 3_000;"],
  [
    "worker/writer/moving/stragglers.ts",
    "STRAGGLER_AGE_MAX_MS = NONCE_LIFETIME_MS - 60 * 60_000;",
    // As many crons as a fault may skip: a day has 24 sweeps. Copies found after the short day count as messages.
    "STRAGGLER_AGE_MAX_MS = 240_000;",
  ],
  ["worker/writer/moderation/senders.ts", "DAY_MS = 24 * 60 * 60 * 1_000;", `DAY_MS = ${DAY};`],
  ["worker/writer/moderation/senders.ts", "\\d{5,6}", "\\d{5,9}"],
  ["worker/ledger/sqlite-messages.ts", "VOLUME_CHANGES = 100_000;", "VOLUME_CHANGES = 130;"],
  [
    "worker/ledger/sqlite-messages.ts",
    "STORED_BYTES_MAX = 4_500_000_000;",
    "STORED_BYTES_MAX = 40_000;",
  ],
  // A minute of messages, so that a page which does not read is closed within a world.
  [
    "schema/live/messages.ts",
    "LIVE_SEEN_EVERY_BYTES = 64 * 1024;",
    "LIVE_SEEN_EVERY_BYTES = 2 * 1024;",
  ],
  [
    "schema/live/messages.ts",
    "LIVE_UNSEEN_MAX_BYTES = 256 * 1024;",
    "LIVE_UNSEEN_MAX_BYTES = 8 * 1024;",
  ],
  ["schema/live/messages.ts", "LIVE_SOCKETS_PER_NETWORK = 20;", "LIVE_SOCKETS_PER_NETWORK = 3;"],
  ["sim/platform/kv.ts", "CACHE_TTL_MS = 60_000;", "CACHE_TTL_MS = 6_000;"],
  ["sim/platform/kv.ts", "CACHE_TAIL_MS = 90_000;", "CACHE_TAIL_MS = 9_000;"],
  ["sim/platform/kv.ts", "LIST_LAG_TAIL_MS = 60_000;", "LIST_LAG_TAIL_MS = 6_000;"],
  ["sim/platform/kv.ts", "READ_LAG_MAX_MS = 60_000;", "READ_LAG_MAX_MS = 6_000;"],
  ["sim/platform/kv.ts", "LATE_EFFECT_MAX_MS = 60_000;", "LATE_EFFECT_MAX_MS = 6_000;"],
];

/** @type {Patch[]} */
const SMALL = SMALLER.map(([file, find, replace]) => ({ file, find, replace }));

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
