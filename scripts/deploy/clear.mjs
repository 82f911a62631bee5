// @ts-check
// Deletes a preview: empties its wall and removes its pages, whose polls would recreate it.

import { Refusal } from "../command/refusal.mjs";
import { timed } from "../command/terminal.mjs";
import { requireLogin, wrangler } from "./cloudflare.mjs";
import { deploymentsOf, findProject } from "./page.mjs";

/** @typedef {import("./target.mjs").Target} Target */

/** A wall on KV is emptied by a few hundred keys per call. */
const CALLS_MAX = 1_000;

/**
 * @param {Target} target
 * @param {NodeJS.ProcessEnv} env
 * @param {import("./deployment.mjs").Ask} [ask]
 * @throws {Refusal} for production, without the token, and if the wall fails
 */
export async function clearPreview(target, env, ask = fetch) {
  if (target.env !== "preview")
    throw new Refusal("Only a preview can be cleared: use --clear NAME.");
  if (!env.ADMIN_TOKEN)
    throw new Refusal("ADMIN_TOKEN is not set. Set it to the previews' admin token.");
  await requireLogin();
  const project = await findProject(target);
  if (!project) return;
  await timed(`emptying the wall ${target.wall}`, () => empty(project.url, env.ADMIN_TOKEN, ask));
  // A list has a limited length: repeat until it has no page of the branch.
  for (;;) {
    const left = await deploymentsOf(target);
    if (left.length === 0) return;
    await timed(`removing ${left.length} of its pages`, () => takeDown(target, left));
  }
}

/**
 * @param {string} url
 * @param {string | undefined} token
 * @param {import("./deployment.mjs").Ask} ask
 */
async function empty(url, token, ask) {
  for (let call = 0; call < CALLS_MAX; call += 1) {
    const response = await ask(`${url}/api/admin/wall`, {
      method: "DELETE",
      headers: { Authorization: `Bearer ${token}` },
    });
    const answer = await response.text();
    // Pages' own answer: the branch has no page any more, or never had one.
    if (response.status === 404 && !isOurs(response)) return;
    if (!response.ok)
      throw new Refusal(
        `The preview was not cleared. Its wall answered ${response.status}: ${answer}`,
      );
    if (!JSON.parse(answer).more) return;
  }
  throw new Refusal(`${url} holds more than one run can clear. Run the command again.`);
}

/** @param {Response} response */
function isOurs({ headers }) {
  return headers.get("Content-Type")?.startsWith("application/problem+json") ?? false;
}

/**
 * @param {Target} target
 * @param {readonly string[]} ids
 */
async function takeDown({ project }, ids) {
  // The branch's address keeps a deployment from being deleted, unless forced.
  for (const id of ids)
    await wrangler(["pages", "deployment", "delete", id, `--project-name=${project}`, "--force"]);
}
