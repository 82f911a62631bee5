// @ts-check
// Rounds in which the subjects take turns.

import { ratio, rotated, spread } from "../scripts/command/statistics.mjs";
import { press } from "./load.mjs";

const WARM_UP_MS = 300;

/** @typedef {import("./load.mjs").Round} Round */
/** @typedef {{ url: URL, request: () => import("./load.mjs").Request, press?: (atOnce: number, ms: number) => Promise<Round> }} Subject */

/**
 * @param {Record<string, Subject>} subjects
 * @param {{ rounds: number, ms: number, atOnce: number, watched: import("./process.mjs").Watched, onRound: () => void }} options
 * @returns {Promise<Record<string, Round[]>>} by subject, in the order of rounds
 */
export async function alternate(subjects, { rounds, ms, atOnce, watched, onRound }) {
  /** @type {Record<string, Round[]>} */
  const measured = Object.fromEntries(Object.keys(subjects).map((name) => [name, []]));
  for (let round = 0; round < rounds; round += 1) {
    for (const [name, subject] of rotated(Object.entries(subjects), round)) {
      const once = (/** @type {number} */ time) =>
        subject.press?.(atOnce, time) ??
        press(subject.url, { atOnce, ms: time, request: subject.request, watched });
      await once(WARM_UP_MS);
      measured[name]?.push(await once(ms));
    }
    onRound();
  }
  return measured;
}

/**
 * @param {Record<string, Round[]>} measured
 * @param {string} figure
 * @param {string} name
 * @param {string} other
 */
export function ratioOf(measured, figure, name, other) {
  return ratio(figures(measured, figure, name), figures(measured, figure, other));
}

/**
 * @param {Record<string, Round[]>} measured
 * @param {string} figure
 * @param {string} name
 */
export function spreadOf(measured, figure, name) {
  return spread(figures(measured, figure, name));
}

/**
 * @param {Record<string, Round[]>} measured
 * @param {string} figure
 * @param {string} name
 * @returns {number[]}
 */
function figures(measured, figure, name) {
  return (measured[name] ?? []).map((round) => /** @type {any} */ (round)[figure]);
}
