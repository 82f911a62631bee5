// @ts-check
// Prints the results of a bench: tables in Markdown, and whether each target was met or missed.
import { say } from "../scripts/command/terminal.mjs";

/** @typedef {import("../scripts/command/statistics.mjs").Spread} Spread */
/** @typedef {{ what: string, value: number, unit?: string, atLeast?: number, atMost?: number }} Target */
/**
 * @typedef {object} Report
 * @property {{ title: string, columns: string[], rows: (string | number)[][] }[]} tables
 * @property {Target[]} targets
 * @property {unknown} samples the measured values, before any statistics
 * @property {string[]} [notes]
 */
/**
 * @typedef {object} Context
 * @property {boolean} full
 * @property {import("./runtime.mjs").Ledger} ledger
 * @property {(share: number, words: string) => void} done shows the progress: `share` of the bench, 0 to 1, is done
 */

/**
 * @param {string} name
 * @param {Report} report
 */
export function print(name, { tables, targets, notes = [] }) {
  say(`\n## ${name}`);
  for (const { title, columns, rows } of tables) {
    say(`\n${title}\n`);
    say(line(columns));
    say(line(columns.map(() => "---")));
    for (const row of rows) say(line(row));
  }
  if (targets.length > 0) {
    say("\n| target | limit | measured | |\n| --- | --- | --- | --- |");
    for (const target of targets) say(line(targetRow(target)));
  }
  for (const note of notes) say(`\n${note}`);
}

/** @param {Target} target */
function isMet({ value, atLeast, atMost }) {
  return (
    value >= (atLeast ?? Number.NEGATIVE_INFINITY) && value <= (atMost ?? Number.POSITIVE_INFINITY)
  );
}

/** @param {Target} target */
function targetRow(target) {
  const { what, value, unit = "", atLeast, atMost } = target;
  const limit = atLeast !== undefined ? `≥ ${atLeast}` : `≤ ${atMost}`;
  return [
    what,
    `${limit} ${unit}`.trim(),
    `${short(value)} ${unit}`.trim(),
    isMet(target) ? "met" : "MISSED",
  ];
}

/**
 * A spread as text: the median, with the minimum and the maximum in brackets.
 * @param {Spread} spread
 */
export function shown({ median, least, most }) {
  return `${short(median)} (${short(least)}–${short(most)})`;
}

/**
 * A number as text, with three significant digits; from 1,000 on, a whole number.
 * @param {number} value
 */
export function short(value) {
  if (!Number.isFinite(value)) return "?";
  if (Math.abs(value) >= 1_000) return Math.round(value).toLocaleString("en");
  return String(Number(value.toPrecision(3)));
}

/** @param {(string | number)[]} cells */
function line(cells) {
  return `| ${cells.map((cell) => (typeof cell === "number" ? short(cell) : cell)).join(" | ")} |`;
}
