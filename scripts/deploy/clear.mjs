// @ts-check
// Deletes a preview: empties its wall, and deletes its pages because their polls would recreate the
// wall.

import { Refusal } from "../command/refusal.mjs";
import { timed } from "../command/terminal.mjs";
import { firstToken } from "../stack/tokens.mjs";
import { reasonOf, requireLogin, wrangler } from "./cloudflare.mjs";
import { deploymentsOf, findProject } from "./page.mjs";

/** @typedef {import("./target.mjs").Target} Target */

/** Each call deletes a few hundred keys of a wall on KV. */
const CALLS_MAX = 1_000;

/**
 * @param {Target} target
 * @param {NodeJS.ProcessEnv} env
 * @param {import("./deployment.mjs").Ask} [ask]
 * @throws {Refusal} for production, without ADMIN_TOKEN, and if the wall answers with an error
 */
export async function clearPreview(target, env, ask = fetch) {
  if (target.env !== "preview")
    throw new Refusal("Only a preview can be cleared: use --clear NAME.");
  if (!env.ADMIN_TOKEN)
    throw new Refusal("ADMIN_TOKEN is not set. Set it to the previews' admin token.");
  await requireLogin();
  const project = await findProject(target);
  if (!project) return;
  const token = firstToken(env.ADMIN_TOKEN);
  await timed(`emptying the wall ${target.wall}`, () => empty(project.url, token, ask));
  // Cloudflare lists only so many deployments at once: repeat until none of the branch's is left.
  for (;;) {
    const left = await deploymentsOf(target);
    if (left.length === 0) return;
    await timed(`deleting ${left.length} pages of ${target.pagesBranch}`, () =>
      deletePages(target, left),
    );
  }
}

/**
 * @param {string} url
 * @param {string} token
 * @param {import("./deployment.mjs").Ask} ask
 */
async function empty(url, token, ask) {
  for (let call = 0; call < CALLS_MAX; call += 1) {
    const response = await ask(`${url}/api/admin/wall`, {
      method: "DELETE",
      headers: { Authorization: `Bearer ${token}` },
    }).catch((error) => {
      throw new Refusal(
        `The preview was not cleared. Its wall does not answer (${reasonOf(error)}): run the same command again.`,
      );
    });
    const answer = await response.text();
    // A 404 from Pages, not from our API: the branch has no page any more, or never had one.
    if (response.status === 404 && !isFromOurApi(response)) return;
    if (!response.ok)
      throw new Refusal(
        `The preview was not cleared. Its wall answered ${response.status}: ${answer}`,
      );
    if (!JSON.parse(answer).more) return;
  }
  throw new Refusal(`${url} holds more than one run can clear. Run the command again.`);
}

/** @param {Response} response */
function isFromOurApi({ headers }) {
  return headers.get("Content-Type")?.startsWith("application/problem+json") ?? false;
}

/**
 * @param {Target} target
 * @param {readonly string[]} ids
 */
async function deletePages({ project }, ids) {
  // Without --force, Pages keeps the deployment that the branch's address leads to.
  for (const id of ids)
    await wrangler(["pages", "deployment", "delete", id, `--project-name=${project}`, "--force"]);
}
