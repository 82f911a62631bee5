// @ts-check
// The Worker's tokens: set with the first deploy, then stored by Cloudflare.
import { writeFileSync } from "node:fs";
import path from "node:path";
import { Refusal } from "../command/refusal.mjs";
import { withScratchDirectory } from "../command/scratch.mjs";
import { requireToken } from "../stack/settings.mjs";

const SECRETS = /** @type {const} */ (["BOT_TOKEN", "ADMIN_TOKEN"]);

/**
 * The tokens from the environment, for this deploy to set.
 * @param {NodeJS.ProcessEnv} env
 * @param {string} worker
 * @param {readonly string[]} there names of the Worker's existing tokens
 * @returns {Record<string, string>}
 * @throws {Refusal} if a token is missing or invalid
 */
export function secretsFor(env, worker, there) {
  const missing = SECRETS.filter((name) => !env[name] && !there.includes(name));
  if (missing.length > 0) {
    const example = missing.map((name) => `${name}=$(openssl rand -hex 32)`).join(" ");
    throw new Refusal(
      `${worker} has no ${missing.join(" and no ")} yet. Set it for this deploy, and keep a copy: ${example} npm run deploy`,
    );
  }
  const given = Object.fromEntries(SECRETS.map((name) => [name, env[name] ?? ""]));
  const set = Object.fromEntries(Object.entries(given).filter(([, token]) => token !== ""));
  for (const [name, token] of Object.entries(set)) requireToken(name, token);
  if (set.BOT_TOKEN !== undefined && set.BOT_TOKEN === set.ADMIN_TOKEN)
    throw new Refusal("ADMIN_TOKEN must differ from BOT_TOKEN.");
  return set;
}

/**
 * Passes tokens in a file that only its owner can read: everyone can see a command line.
 * @template T
 * @param {Record<string, string>} secrets
 * @param {(argv: string[]) => Promise<T>} use
 */
export async function withSecretsFile(secrets, use) {
  if (Object.keys(secrets).length === 0) return use([]);
  return withScratchDirectory("secrets", (directory) => {
    const file = path.join(directory, "secrets.json");
    writeFileSync(file, JSON.stringify(secrets), { mode: 0o600 });
    return use([`--secrets-file=${file}`]);
  });
}
