// @ts-check
// What a release changes in the files of the repository.
import { Refusal } from "../command/refusal.mjs";

const UNRELEASED = "## Unreleased\n";
/** Between the heading and the first subheading, as long as nothing was released. */
const NOTHING_RELEASED = /^Nothing has been released yet:[\s\S]*?\n\n/;

/**
 * A manifest or lock file with another version in its first `places` places.
 * @param {string} text
 * @param {string} version
 * @param {number} places
 */
export function withVersion(text, version, places) {
  let left = places;
  return text.replace(/^(\s*"version": ")[^"]+/gm, (found, before) => {
    left -= 1;
    return left >= 0 ? `${before}${version}` : found;
  });
}

/**
 * The changelog with what was unreleased under a version.
 * @param {string} changelog
 * @param {string} version
 * @param {string} date
 * @throws {Refusal} if there is nothing to release
 */
export function released(changelog, version, date) {
  const [before, after, ...more] = changelog.split(UNRELEASED);
  if (before === undefined || after === undefined || more.length > 0)
    throw new Refusal("CHANGELOG.md must have one heading “Unreleased”.");
  const entries = after.trimStart().replace(NOTHING_RELEASED, "");
  if (!/^(###|-) /.test(entries))
    throw new Refusal("CHANGELOG.md has nothing under “Unreleased”: there is nothing to release.");
  return `${before}${UNRELEASED}\n## ${version} (${date})\n\n${entries}`;
}
