// @ts-check
// The Worker's tokens: given once, with the first deploy; kept by Cloudflare from then on.
import { writeFileSync } from "node:fs";
import path from "node:path";
import { Refusal } from "../command/refusal.mjs";
import { withScratchDirectory } from "../command/scratch.mjs";
import { requireToken } from "../stack/settings.mjs";

const SECRETS = /** @type {const} */ (["BOT_TOKEN", "ADMIN_TOKEN"]);

/**
 * Those that the environment gives, for this deploy to set.
 * @param {NodeJS.ProcessEnv} env
 * @param {string} worker
 * @param {readonly string[]} there names of those that the Worker has already
 * @returns {Record<string, string>}
 * @throws {Refusal} when one would be missing, or can't be taken
 */
export function secretsFor(env, worker, there) {
  const missing = SECRETS.filter((name) => !env[name] && !there.includes(name));
  if (missing.length > 0) {
    const example = missing.map((name) => `${name}=$(openssl rand -hex 32)`).join(" ");
    throw new Refusal(
      `${worker} has no ${missing.join(" and no ")} yet: give it with this deploy, and keep it: ${example} npm run deploy`,
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
 * Passes them on by a file that only its owner reads: a command line is everyone's to see.
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
