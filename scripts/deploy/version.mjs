// @ts-check
// A deployed wall's version: its commit.

import { spawnCommand } from "../command/process-group.mjs";
import { outcome } from "../command/quiet-run.mjs";
import { Refusal } from "../command/refusal.mjs";

const HASH_CHARACTERS = 12;

/**
 * The commit; with uncommitted changes also the time, so that no two deploys share a version.
 * @throws {Refusal} outside of a git checkout
 */
export async function currentVersion(now = Date.now()) {
  const commit = await git(["rev-parse", `--short=${HASH_CHARACTERS}`, "HEAD"]);
  if (commit === null)
    throw new Refusal("Deploy from a git checkout with a commit: the commit names the version.");
  const changes = await git(["status", "--porcelain"]);
  return changes ? `${commit}-dirty-${Math.floor(now / 1_000).toString(36)}` : commit;
}

/** @param {string[]} argv */
async function git(argv) {
  const { code, output } = await outcome(spawnCommand("git", argv, process.env));
  return code === 0 ? output.trim() : null;
}
