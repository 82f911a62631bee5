// @ts-check

/**
 * Whether a version comes before another one; each has numbers with dots between them.
 * @param {string} version
 * @param {string} other
 */
export function isEarlierVersion(version, other) {
  return version.localeCompare(other, "en", { numeric: true }) < 0;
}
