// @ts-check
// A deploy, from its checks to an answering wall. The Worker goes first: it understands the page
// that is served now, while the next page may need features that only the new Worker has.

import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { Refusal } from "../command/refusal.mjs";
import { say, timed } from "../command/terminal.mjs";
import { reasonOf, requireLogin } from "./cloudflare.mjs";
import { addressPreviewImage, deployPage, findProject, provideProject, taken } from "./page.mjs";
import { pagesApi, versionOf } from "./pages-api.mjs";
import { isVersion } from "./target.mjs";
import { deployWorker, prepareWorker } from "./worker.mjs";

const POLL_MS = 2_000;
/** A new Worker reaches every location, and an object its new code, within minutes. */
const LIVE_DEADLINE_MS = 5 * 60_000;
const MANIFEST = "_buildManifest.js";
const REQUEST_TIMEOUT_MS = 10_000;

/** @typedef {(url: string, init?: RequestInit) => Promise<Response>} Ask */

/**
 * @typedef {object} Deploy
 * @property {import("./target.mjs").Target} target
 * @property {string} version
 * @property {NodeJS.ProcessEnv} env contains the tokens, on a first deploy
 * @property {import("./settings.mjs").DeploySettings} settings
 * @property {() => Promise<"kv" | "sqlite">} chooseLedger asks for the ledger of a first deploy
 * @property {(wall: string) => Promise<string>} buildPage returns the built page's directory
 * @property {Ask} [ask]
 * @property {number} [patienceMs]
 * @property {number} [pollMs]
 */

/**
 * @param {Deploy} deploy
 * @returns {Promise<string>} the wall's address
 * @throws {Refusal} deployed parts stay, and another deploy continues
 */
export async function deploy({ target, version, buildPage, env, settings, chooseLedger, ...live }) {
  const { wall, worker, project } = target;
  await requireLogin();
  // Checks everything that can be refused before sending anything.
  const prepared = await prepareWorker(target, { env, settings, chooseLedger });
  const found = await findProject(target);
  if (found && prepared.isFirst) await requireOurPages(target, live.ask);
  const directory = await buildPage(wall);
  await timed(`deploying the Worker ${worker}`, () => deployWorker(target, version, prepared));
  const { url } = await timed(`deploying the page ${project}`, async () => {
    const provided = await provideProject(target);
    addressPreviewImage(directory, provided.url);
    await deployPage(target, directory, version);
    return provided;
  });
  await untilLive({ url, wall, version, directory, did: "deployed", ...live });
  return url;
}

/**
 * Without a Worker of ours, an existing project may be another site's, with the same name. Previews
 * do not replace its pages.
 * @param {import("./target.mjs").Target} target
 * @param {Ask} [ask]
 * @throws {Refusal} if production serves pages that no deploy of ours has sent
 */
async function requireOurPages(target, ask = fetch) {
  if (target.env === "preview") return;
  const pages = await (await pagesApi(target.project, ask)).deployments();
  const isOurs = pages.length === 0 || pages.some((page) => isVersion(versionOf(page)));
  if (!isOurs) throw taken(target);
}

/**
 * Waits until the wall at `url` has this version of the Worker, reports a good status and, if a
 * `directory` is given, serves the page built there. Prints each new reason to wait.
 * @param {{ url: string, wall: string, version: string, directory?: string, did: "deployed" | "rolled back", ask?: Ask, patienceMs?: number, pollMs?: number }} expected
 * @throws {Refusal} with the last answer
 */
export async function untilLive(expected) {
  const { url, version, patienceMs = LIVE_DEADLINE_MS } = expected;
  await timed(`waiting for ${version} at ${url} (at most ${patienceMs / 1_000} s)`, () =>
    wait({ ...expected, patienceMs }),
  );
}

/** @param {Parameters<typeof untilLive>[0] & { patienceMs: number }} expected */
async function wait(expected) {
  const { url, version, did, ask = fetch, patienceMs, pollMs = POLL_MS } = expected;
  const deadline = Date.now() + patienceMs;
  let said = null;
  for (;;) {
    const wrong = await whatIsWrong(expected, ask);
    if (wrong === null) return;
    if (Date.now() > deadline)
      throw new Refusal(
        `Both parts are ${did}, but ${url} does not show ${version} after ${patienceMs / 1_000} s: ${wrong}. Check it again with \`npm run doctor -- --url ${url}\`, and look at \`npm run logs\`${did === "deployed" ? "; `npm run rollback` goes back to an earlier version" : ""}.`,
      );
    if (wrong !== said) say(`  not yet: ${wrong}`);
    said = wrong;
    await delay(pollMs);
  }
}

/**
 * @param {{ url: string, wall: string, version: string, directory?: string }} expected
 * @param {Ask} ask
 */
async function whatIsWrong({ url, wall, version, directory }, ask) {
  const signal = AbortSignal.timeout(REQUEST_TIMEOUT_MS);
  try {
    const response = await ask(`${url}/api/status`, { signal });
    const status = await response.json().catch(() => null);
    if (status === null) return `it answers ${response.status} without JSON`;
    if (status.wall !== wall) return `it is the wall “${status.wall}”`;
    if (status.version !== version) return `it answers as version ${status.version}`;
    if (response.status !== 200 || !status.ok) return "its status is not ok";
    if (directory === undefined) return null;
    const name = buildFile(directory);
    const page = await ask(`${url}/${name}`, { signal });
    const served = await page.text();
    if (page.status >= 500) return `its page answers ${page.status}`;
    return served === readFileSync(path.join(directory, name), "utf8")
      ? null
      : "its page is an older one";
  } catch (error) {
    return `it does not answer (${reasonOf(error)})`;
  }
}

/**
 * A file whose path differs with each build.
 * @param {string} directory the built page
 */
function buildFile(directory) {
  const under = path.join(directory, "_next", "static");
  const build = readdirSync(under).find((name) => existsSync(path.join(under, name, MANIFEST)));
  if (!build) throw new Error(`${directory} has no built page`);
  return `_next/static/${build}/${MANIFEST}`;
}
