// @ts-check
// The destination of a deploy, production or a branch's preview, and its version.
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import path from "node:path";
import { ROOT } from "../command/paths.mjs";
import { spawnCommand } from "../command/process-group.mjs";
import { outcome } from "../command/quiet-run.mjs";
import { Refusal } from "../command/refusal.mjs";

export const PRODUCTION_BRANCH = "main";

/** Pages cuts a branch's address at this many characters. */
const WALL_MAX_CHARACTERS = 28;
const HASH_CHARACTERS = 10;
const COMMIT_CHARACTERS = 12;
/** Git lengthens a short commit that would be ambiguous. */
const VERSION = new RegExp(`^[0-9a-f]{${COMMIT_CHARACTERS},40}(-dirty-[0-9a-z]+)?$`);

/**
 * @typedef {object} Target
 * @property {string} wall
 * @property {"" | "preview"} env of worker/wrangler.toml
 * @property {string} worker its name there
 * @property {string} project name of the Pages project
 * @property {string} pagesBranch the branch's name for Pages
 */

/**
 * @param {string} [branch] default: production
 * @returns {Target}
 * @throws {Refusal} if the branch can't have a preview
 */
export function targetOf(branch) {
  const project = nameIn("wrangler.toml");
  const worker = nameIn("worker/wrangler.toml");
  if (branch === undefined)
    return { wall: "main", env: "", worker, project, pagesBranch: PRODUCTION_BRANCH };
  if (branch.trim() === "") throw new Refusal("--branch must name a branch.");
  if (branch === PRODUCTION_BRANCH)
    throw new Refusal(
      `“${branch}” is production: deploy it with \`npm run deploy\`; it can't be cleared.`,
    );
  const wall = wallOfBranch(branch);
  return { wall, env: "preview", worker: `${worker}-preview`, project, pagesBranch: wall };
}

/**
 * The wall of a branch, which is also part of its address: no two branches share one, and none has
 * production's.
 * @param {string} branch
 */
export function wallOfBranch(branch) {
  const hash = createHash("sha256").update(branch).digest("hex").slice(0, HASH_CHARACTERS);
  const words = branch
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-/, "")
    .slice(0, WALL_MAX_CHARACTERS - HASH_CHARACTERS - 1)
    .replace(/-$/, "");
  return `${words || "branch"}-${hash}`;
}

/** @param {string} config */
function nameIn(config) {
  const [, name] = /^name = "([^"]+)"/m.exec(readFileSync(path.join(ROOT, config), "utf8")) ?? [];
  if (!name) throw new Error(`${config} has no name`);
  return name;
}

/**
 * The commit; with uncommitted changes also the time, so that no two deploys share a version.
 * @throws {Refusal} outside of a git checkout
 */
export async function currentVersion(now = Date.now()) {
  const commit = await git(["rev-parse", `--short=${COMMIT_CHARACTERS}`, "HEAD"]);
  if (commit === null)
    throw new Refusal("Deploy from a git checkout with a commit: the commit names the version.");
  const changes = await git(["status", "--porcelain"]);
  return changes ? `${commit}-dirty-${Math.floor(now / 1_000).toString(36)}` : commit;
}

/** @param {string} text */
export function isVersion(text) {
  return VERSION.test(text);
}

/** @param {string[]} argv */
async function git(argv) {
  const { code, output } = await outcome(spawnCommand("git", argv, process.env));
  return code === 0 ? output.trim() : null;
}
