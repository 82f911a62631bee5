// @ts-check
// Statistics of repeated measurements.

/**
 * The smallest value that at least this share of all values don't exceed (nearest rank).
 * @param {readonly number[]} values
 * @param {number} share 0 to 1
 */
export function percentile(values, share) {
  const sorted = [...values].sort((a, b) => a - b);
  const rank = Math.max(1, Math.ceil(share * sorted.length));
  return sorted[rank - 1] ?? Number.NaN;
}

/** @param {readonly number[]} values */
export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  if (sorted.length % 2 === 1) return sorted[Math.floor(middle)] ?? Number.NaN;
  return ((sorted[middle - 1] ?? Number.NaN) + (sorted[middle] ?? Number.NaN)) / 2;
}

/**
 * Median, minimum and maximum over the rounds.
 * @typedef {{ median: number, least: number, most: number, rounds: number }} Spread
 * @param {readonly number[]} values
 * @returns {Spread}
 */
export function spread(values) {
  return {
    median: median(values),
    least: Math.min(...values),
    most: Math.max(...values),
    rounds: values.length,
  };
}

/**
 * Round by round, so that a temporary slowdown of the machine affects both.
 * @param {readonly number[]} values
 * @param {readonly number[]} others in the same rounds
 */
export function ratio(values, others) {
  if (values.length !== others.length)
    throw new Error(`${values.length} rounds have no ratio to ${others.length}`);
  return spread(values.map((value, round) => value / (others[round] ?? Number.NaN)));
}

/**
 * The order of subjects in one round: each round begins with another subject, so that none is
 * always first or always after the same one.
 * @template T
 * @param {readonly T[]} subjects
 * @param {number} round
 */
export function rotated(subjects, round) {
  const first = round % Math.max(1, subjects.length);
  return [...subjects.slice(first), ...subjects.slice(0, first)];
}
