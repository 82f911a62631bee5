// @ts-check
// The calls to Cloudflare's own API: wrangler has no command for them.

import { Refusal } from "../command/refusal.mjs";
import { reasonOf, unreachable, wranglerJson } from "./cloudflare.mjs";

const API_URL = "https://api.cloudflare.com/client/v4";
const REQUEST_TIMEOUT_MS = 30_000;

/**
 * @typedef {object} PagesDeployment
 * @property {string} id
 * @property {{ metadata?: { commit_message?: string } }} [deployment_trigger]
 * @property {{ status?: string }} [latest_stage]
 */

/**
 * The version that a deploy notes with its page; other sites' deployments may have any text.
 * @param {PagesDeployment} deployment
 */
export function versionOf({ deployment_trigger }) {
  return deployment_trigger?.metadata?.commit_message ?? "";
}

/**
 * Calls with wrangler's login.
 * @param {string} project the Pages project
 * @param {import("./deployment.mjs").Ask} ask
 */
export async function pagesApi(project, ask) {
  const base = process.env.CLOUDFLARE_API_BASE_URL ?? API_URL;
  const url = `${base}/accounts/${await accountId()}/pages/projects/${project}/deployments`;
  const headers = await authorization();
  /**
   * @param {string} method
   * @param {string} address
   */
  const call = async (method, address) => {
    const signal = AbortSignal.timeout(REQUEST_TIMEOUT_MS);
    const response = await ask(address, { method, headers, signal }).catch((error) => {
      throw new Refusal(unreachable(reasonOf(error)));
    });
    const answer = await response.json().catch(() => {
      throw new Refusal(
        `Cloudflare's API answers ${response.status} without JSON. Run the same command again in a minute: it continues.`,
      );
    });
    if (answer.success) return answer.result;
    const reasons = (answer.errors ?? []).map(
      (/** @type {{ message: string }} */ { message }) => message,
    );
    throw new Refusal(`Cloudflare refused for ${project}: ${reasons.join("; ")}`);
  };
  return {
    /** The newest deployments of production. @returns {Promise<PagesDeployment[]>} */
    deployments: () => call("GET", `${url}?env=production&per_page=25`),
    /** Makes production serve a deployment. @param {string} id */
    serve: (id) => call("POST", `${url}/${id}/rollback`),
  };
}

async function accountId() {
  const given = process.env.CLOUDFLARE_ACCOUNT_ID;
  if (given) return given;
  const { accounts } = await wranglerJson(["whoami", "--json"]);
  if (accounts?.length === 1) return accounts[0].id;
  throw new Refusal(
    "Your login has several accounts: set CLOUDFLARE_ACCOUNT_ID to one of them (`npx wrangler whoami` lists them).",
  );
}

/** @returns {Promise<Record<string, string>>} */
async function authorization() {
  const { token, key, email } = await wranglerJson(["auth", "token", "--json"]);
  return token
    ? { Authorization: `Bearer ${token}` }
    : { "X-Auth-Key": key, "X-Auth-Email": email };
}
