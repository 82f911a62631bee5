// @ts-check
// Finds or creates the Pages project, and deploys the page to it.

import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { Refusal } from "../command/refusal.mjs";
import { failureOf, tryWrangler, wranglerJson, wranglerReport } from "./cloudflare.mjs";
import { PRODUCTION_BRANCH } from "./target.mjs";

/** @typedef {import("./target.mjs").Target} Target */
/** @typedef {{ "Project Name": string, "Project Domains": string, "Git Provider": string }} Project */

/**
 * Finds the project, or creates it.
 * @param {Target} target
 * @throws {Refusal} if another project has its name
 */
export async function provideProject(target) {
  const found = await findProject(target);
  if (found) return found;
  const branch = `--production-branch=${PRODUCTION_BRANCH}`;
  const create = ["pages", "project", "create", target.project, branch];
  const ran = await tryWrangler(create);
  if (ran.code !== 0)
    throw /already exists|8000002/.test(ran.output) ? taken(target) : failureOf(create, ran.output);
  const made = await findProject(target);
  if (!made)
    throw new Refusal(
      `${target.project} was created, but Cloudflare does not list it yet. Run the same command again in a minute.`,
    );
  return made;
}

/**
 * Returns `null` if the project does not exist.
 * @param {Target} target
 * @throws {Refusal} if the project deploys from a Git host: it is not one of ours
 */
export async function findProject(target) {
  /** @type {Project[]} */
  const projects = await wranglerJson(["pages", "project", "list", "--json"]);
  const found = projects.find((project) => project["Project Name"] === target.project);
  if (!found) return null;
  if (found["Git Provider"] === "Yes") throw taken(target);
  const domains = found["Project Domains"].split(/,\s*/);
  const domain = domains.find((name) => name.endsWith(".pages.dev")) ?? domains[0] ?? "";
  return { domain, url: addressOf(target, domain) };
}

/** As the page's layout names it. */
const PREVIEW_IMAGE = "/preview.png";
const ADDRESSED_IMAGE = /"(?:https:\/\/[^"\\/]+)?\/preview\.png/g;

/**
 * Gives the image of a shared link its whole address, since sites that show links ignore a relative one. The build
 * can't: only Cloudflare knows the address, and a first deploy learns it after the build.
 * @param {string} directory the built page
 * @param {string} url
 */
export function addressPreviewImage(directory, url) {
  for (const name of readdirSync(directory, { encoding: "utf8", recursive: true })) {
    if (!/\.(html|rsc)$/.test(name)) continue;
    const file = path.join(directory, name);
    const text = readFileSync(file, "utf8");
    // Also in the page's data, where a quotation mark is escaped, and with the address of an earlier deploy.
    const whole = text.replaceAll(ADDRESSED_IMAGE, () => `"${url}${PREVIEW_IMAGE}`);
    if (whole !== text) writeFileSync(file, whole);
  }
}

/**
 * @param {Target} target
 * @param {string} directory the built page
 * @param {string} version
 * @throws {Refusal} if Pages deployed to production instead of the preview, or the reverse
 */
export async function deployPage(target, directory, version) {
  const report = await wranglerReport([
    "pages",
    "deploy",
    directory,
    `--project-name=${target.project}`,
    `--branch=${target.pagesBranch}`,
    `--commit-message=${version}`,
    "--commit-dirty=true",
  ]);
  const deployed = report.find(({ type }) => type === "pages-deploy-detailed");
  const wanted = target.env === "" ? "production" : "preview";
  if (deployed && deployed.environment !== wanted)
    throw new Refusal(
      `Pages deployed the page as ${deployed.environment}: set the project's production branch to “${PRODUCTION_BRANCH}” in the dashboard, and deploy again.`,
    );
  return deployed?.url ?? null;
}

/**
 * The listed deployments of the target's branch, newest first. A list has a limited length.
 * @param {Target} target
 */
export async function deploymentsOf({ env, project, pagesBranch }) {
  /** @type {{ Id: string, Branch: string }[]} */
  const all = await wranglerJson([
    "pages",
    "deployment",
    "list",
    `--project-name=${project}`,
    `--environment=${env === "" ? "production" : "preview"}`,
    "--json",
  ]);
  return all.filter(({ Branch }) => Branch === pagesBranch).map(({ Id }) => Id);
}

/**
 * @param {Target} target
 * @param {string} domain
 */
function addressOf({ env, pagesBranch }, domain) {
  return env === "" ? `https://${domain}` : `https://${pagesBranch}.${domain}`;
}

/** @param {Target} target */
export function taken({ project }) {
  return new Refusal(
    `The name ${project} is taken by another Pages project of this account: change \`name\` in wrangler.toml.`,
  );
}
