// @ts-check
// A deploy, from its checks to an answering wall. The Worker goes first: it understands the page
// that is served now, while the next page may need features that only the new Worker has.

import { timed } from "../command/terminal.mjs";
import { requireLogin } from "./cloudflare.mjs";
import { untilLive } from "./live.mjs";
import { deployPage, findProject, provideProject } from "./page.mjs";
import { deployWorker, prepareWorker } from "./worker.mjs";

/**
 * @typedef {object} Deploy
 * @property {import("./target.mjs").Target} target
 * @property {string} version
 * @property {NodeJS.ProcessEnv} env contains the tokens, on a first deploy
 * @property {(wall: string) => Promise<string>} buildPage returns the built page's directory
 * @property {import("./live.mjs").Ask} [ask]
 * @property {number} [patienceMs]
 * @property {number} [pollMs]
 */

/**
 * @param {Deploy} deploy
 * @returns {Promise<string>} the wall's address
 * @throws {import("../command/refusal.mjs").Refusal} deployed parts stay, and another deploy continues
 */
export async function deploy({ target, version, env, buildPage, ...live }) {
  const { wall, worker, project } = target;
  await requireLogin();
  // Checks everything that can be refused before sending anything.
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
