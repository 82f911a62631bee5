// @ts-check
// A deploy from its first look to the wall that answers. The Worker goes first: it understands the page that
// is served now, while that page's next version may need what only the new Worker has.

import { timed } from "../command/terminal.mjs";
import { requireLogin } from "./cloudflare.mjs";
import { untilLive } from "./live.mjs";
import { deployPage, findProject, provideProject } from "./page.mjs";
import { deployWorker, prepareWorker } from "./worker.mjs";

/**
 * @typedef {object} Deploy
 * @property {import("./target.mjs").Target} target
 * @property {string} version
 * @property {NodeJS.ProcessEnv} env where the tokens are, on a first deploy
 * @property {(wall: string) => Promise<string>} buildPage returns the built page's directory
 * @property {import("./live.mjs").Ask} [ask]
 * @property {number} [patienceMs]
 * @property {number} [pollMs]
 */

/**
 * @param {Deploy} deploy
 * @returns {Promise<string>} the wall's address
 * @throws {import("../command/refusal.mjs").Refusal} and whatever is deployed by then stays: deploying again goes on
 */
export async function deploy({ target, version, env, buildPage, ...live }) {
  const { wall, worker, project } = target;
  await requireLogin();
  // All that can be refused is, before anything is sent.
  const prepared = await prepareWorker(target, env);
  await findProject(target);
  const directory = await buildPage(wall);
  await timed(`deploying the Worker ${worker}`, () => deployWorker(target, version, prepared));
  const { url } = await timed(`deploying the page ${project}`, async () => {
    const provided = await provideProject(target);
    await deployPage(target, directory, version);
    return provided;
  });
  await timed(`waiting for ${version} at ${url}`, () =>
    untilLive({ url, wall, version, directory, ...live }),
  );
  return url;
}
