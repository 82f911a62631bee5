// @ts-check
// The few calls without a wrangler command, sent to Cloudflare's own API with wrangler's login.

import { Refusal } from "../command/refusal.mjs";
import { wranglerJson } from "./cloudflare.mjs";

const BASE_URL = "https://api.cloudflare.com/client/v4";

/**
 * @typedef {object} PagesDeployment
 * @property {string} id
 * @property {{ metadata?: { commit_message?: string } }} [deployment_trigger]
 * @property {{ status?: string }} [latest_stage]
 */

/**
 * @param {string} project the Pages project
 * @param {import("./live.mjs").Ask} ask
 */
export async function pagesApi(project, ask) {
  const base = process.env.CLOUDFLARE_API_BASE_URL ?? BASE_URL;
  const url = `${base}/accounts/${await accountId()}/pages/projects/${project}/deployments`;
  const headers = await authorization();
  /**
   * @param {string} method
   * @param {string} address
   */
  const call = async (method, address) => {
    const response = await ask(address, { method, headers });
    const answer = await response.json();
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
