// @ts-check
// The steps of a rollback: find the version, check that both parts can go back, and roll them back.

import { Refusal } from "../command/refusal.mjs";
import { timed } from "../command/terminal.mjs";
import { requireLogin, wrangler, wranglerJson, wranglerJsonIfThere } from "./cloudflare.mjs";
import { untilLive } from "./deployment.mjs";
import { findProject } from "./page.mjs";
import { pagesApi, versionOf } from "./pages-api.mjs";
import { named } from "./worker.mjs";

/** @typedef {import("./target.mjs").Target} Target */

/** One upload of the Worker. @typedef {{ id: string, version: string, migration: string }} Upload */

/**
 * @param {{ target: Target, to?: string | undefined, ask?: import("./deployment.mjs").Ask, patienceMs?: number, pollMs?: number }} rollback
 *   `to`: the earlier version to go back to; default: the version before the current one
 * @throws {Refusal} if there is no way back, or a step fails halfway: then a second try continues
 */
export async function rollBack({ target, to, ask = fetch, ...live }) {
  await requireLogin();
  const { current, earlier } = await findEarlier(target, to);
  if (current.migration !== earlier.migration)
    throw new Refusal(
      `Between ${earlier.version} and ${current.version} the objects' classes were migrated (${earlier.migration} to ${current.migration}): the earlier code can't read the later data. Fix the problem in a new version, and deploy it.`,
    );
  const project = await findProject(target);
  if (!project) throw new Refusal(`There is no Pages project ${target.project} to roll back.`);
  const pages = await pagesApi(target.project, ask);
  const page = (await pages.deployments()).find(
    (deployment) =>
      versionOf(deployment) === earlier.version && deployment.latest_stage?.status === "success",
  );
  if (!page)
    throw new Refusal(
      `The page of ${earlier.version} is not among the last deployments: check out that commit, and deploy it.`,
    );
  await timed(`the page back to ${earlier.version}`, () => pages.serve(page.id));
  await timed(`the Worker back to ${earlier.version}`, () =>
    wrangler([
      "rollback",
      earlier.id,
      ...named(target),
      "--yes",
      `--message=back from ${current.version}`,
    ]),
  );
  const { wall } = target;
  const { version } = earlier;
  await untilLive({ url: project.url, wall, version, did: "rolled back", ask, ...live });
  return { from: current.version, to: version, url: project.url };
}

/**
 * Finds the upload that is served now, and the newest earlier one of version `to`, or of any other
 * version.
 * @param {Target} target
 * @param {string | undefined} to
 */
async function findEarlier(target, to) {
  const list = ["list", ...named(target), "--json"];
  /** @type {{ versions: { version_id: string, percentage: number }[] }[] | null} */
  const deployments = await wranglerJsonIfThere(["deployments", ...list]);
  const serving = deployments?.at(-1)?.versions ?? [];
  if (!serving[0]) throw new Refusal(`${target.worker} was never deployed: nothing to go back to.`);
  if (serving.length > 1)
    throw new Refusal(
      `${target.worker} serves ${serving.length} versions at once: end the gradual deployment first.`,
    );
  const current = await readUpload(target, serving[0].version_id);
  /** @type {{ id: string }[]} oldest first */
  const all = await wranglerJson(["versions", ...list]);
  // The served upload may be older than every listed one: then the list has nothing earlier.
  const place = all.findIndex(({ id }) => id === current.id);
  const before = all.slice(0, Math.max(0, place));
  for (const { id } of before.reverse()) {
    const earlier = await readUpload(target, id);
    if (to === undefined ? earlier.version !== current.version : earlier.version === to)
      return { current, earlier };
  }
  throw new Refusal(
    `The last ${all.length} uploads contain no ${to ?? "version"} before ${current.version}: check out the commit that you want, and deploy it.`,
  );
}

/**
 * @param {Target} target
 * @param {string} id
 * @returns {Promise<Upload>}
 */
async function readUpload(target, id) {
  const { resources } = await wranglerJson(["versions", "view", id, ...named(target), "--json"]);
  /** @type {{ name: string, text?: string }[]} */
  const bindings = resources?.bindings ?? [];
  return {
    id,
    version: bindings.find(({ name }) => name === "VERSION")?.text ?? "unknown",
    migration: resources?.script_runtime?.migration_tag ?? "",
  };
}
