// @ts-check
// The Worker's part of a deploy.
import { randomUUID } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { ROOT } from "../command/paths.mjs";
import { Refusal } from "../command/refusal.mjs";
import { removedAfter, withScratchDirectory } from "../command/scratch.mjs";
import { requireDistinctTokens, requireToken, TOKEN_NAMES } from "../stack/tokens.mjs";
import { wrangler, wranglerJson, wranglerJsonIfThere } from "./cloudflare.mjs";

/** @typedef {import("./target.mjs").Target} Target */

const CONFIG = "worker/wrangler.toml";
const KV_BINDING = "LEDGER_KV";
const BUCKET_BINDING = "BACKUPS";
/** `BACKUP_BUCKET=off` ends the backups. */
const NO_BUCKET = "off";

/**
 * @typedef {object} Given
 * @property {NodeJS.ProcessEnv} env contains the tokens, on a first deploy
 * @property {import("./settings.mjs").DeploySettings} settings
 * @property {() => Promise<"kv" | "sqlite">} chooseLedger asks for the ledger of a first deploy
 */

/**
 * Finds errors that would make the deploy fail later.
 * @param {Target} target
 * @param {Given} given
 * @throws {Refusal}
 */
export async function prepareWorker(target, { env, settings, chooseLedger }) {
  const versions = await wranglerJsonIfThere(["versions", "list", ...named(target), "--json"]);
  const isPreview = target.env === "preview";
  if (!versions?.length) {
    const secrets = secretsFor(env, target.worker, []);
    const bucket = bucketFor(target, settings.backupBucket);
    const config = configWith(target, await idOfNamespace(target), bucket);
    const ledger = isPreview ? undefined : (settings.ledger ?? (await chooseLedger()));
    return { isFirst: true, secrets, config, vars: varsOf({ ...settings, ledger }) };
  }
  const bindings = await requireOurs(target, versions);
  const before = bindings.find(({ name }) => name === "LEDGER")?.text;
  // Without the file, for instance on another machine, the deployed Worker still has the choice.
  const ledger = isPreview ? undefined : (settings.ledger ?? before);
  const vars = varsOf({ ...settings, ledger });
  /** @type {{ name: string }[]} */
  const there = await wranglerJson(["secret", "list", ...named(target), "--format=json"]);
  const names = there.map(({ name }) => name);
  const bound = bindings.find(({ name }) => name === BUCKET_BINDING)?.bucket_name;
  const config = configWith(target, undefined, bucketFor(target, settings.backupBucket ?? bound));
  return { isFirst: false, secrets: secretsFor(env, target.worker, names), config, vars };
}

/**
 * The bucket to bind. Previews have no cron, and so no backups.
 * @param {Target} target
 * @param {string | undefined} wanted the setting, else what the deployed Worker has: a deploy without the file, for
 *   instance from another machine, must not end the backups
 */
function bucketFor({ env }, wanted) {
  return env === "preview" || wanted === NO_BUCKET ? undefined : wanted;
}

/**
 * The Worker's variables, as wrangler takes them. A preview's ledger is in the configuration.
 * @param {Omit<import("./settings.mjs").DeploySettings, "ledger"> & { ledger?: string }} settings
 */
function varsOf({ ledger, locationHint, live }) {
  const vars = { LEDGER: ledger, LOCATION_HINT: locationHint, LIVE: live };
  return Object.entries(vars).flatMap(([name, value]) => (value ? `--var=${name}:${value}` : []));
}

/**
 * @param {Target} target
 * @param {string} version
 * @param {Awaited<ReturnType<typeof prepareWorker>>} prepared
 */
export async function deployWorker(target, version, { secrets, config, vars }) {
  await withConfigFile(config, (configFile) =>
    withSecretsFile(secrets, (secretsFile) =>
      wrangler([...deployArguments(target, version, configFile), ...vars, ...secretsFile]),
    ),
  );
}

/**
 * @param {Pick<Target, "env">} target
 * @param {string} version
 */
export function deployArguments({ env }, version, config = CONFIG) {
  return ["deploy", `--config=${config}`, `--env=${env}`, `--var=VERSION:${version}`];
}

/** @param {Target} target */
export function named({ env }) {
  return [`--config=${CONFIG}`, `--env=${env}`];
}

/**
 * Wrangler creates the namespace on the first deploy, but fails on every later one if an earlier
 * first deploy created it and then failed itself: in that case we pass the namespace's id.
 * @param {Target} target
 */
async function idOfNamespace({ worker }) {
  const title = `${worker}-${KV_BINDING.toLowerCase().replaceAll("_", "-")}`;
  /** @type {{ id: string, title: string }[]} */
  const namespaces = await wranglerJson(["kv", "namespace", "list"]);
  return namespaces.find((namespace) => namespace.title === title)?.id;
}

/**
 * The configuration with an existing namespace's id and the bucket for backups.
 * @param {Target} target
 * @param {string | undefined} namespaceId
 * @param {string | undefined} bucket
 * @returns {string | undefined} its text, or undefined if there are neither
 */
function configWith({ env }, namespaceId, bucket) {
  if (namespaceId === undefined && bucket === undefined) return undefined;
  let text = readFileSync(path.join(ROOT, CONFIG), "utf8");
  if (namespaceId !== undefined) {
    const header = env === "" ? "[[kv_namespaces]]" : `[[env.${env}.kv_namespaces]]`;
    const binding = `${header}\nbinding = "${KV_BINDING}"\n`;
    if (!text.includes(binding))
      throw new Error(`${CONFIG} does not bind ${KV_BINDING} as expected`);
    text = text.replace(binding, `${binding}id = "${namespaceId}"\n`);
  }
  if (bucket !== undefined)
    text += `\n[[r2_buckets]]\nbinding = "${BUCKET_BINDING}"\nbucket_name = "${bucket}"\n`;
  return text;
}

/**
 * Writes the text beside the usual configuration, since its paths are relative. The name is used once: another deploy
 * in this checkout has its own.
 * @template T
 * @param {string | undefined} text undefined means the usual configuration
 * @param {(file: string) => Promise<T>} use
 */
async function withConfigFile(text, use) {
  if (text === undefined) return use(CONFIG);
  const file = CONFIG.replace(".toml", `.deploy-${randomUUID()}.toml`);
  return removedAfter(path.join(ROOT, file), (place) => {
    writeFileSync(place, text);
    return use(file);
  });
}

/**
 * Returns the bindings of the newest version.
 * @param {Target} target
 * @param {{ id: string }[]} versions
 * @returns {Promise<{ name: string, text?: string, bucket_name?: string }[]>}
 */
async function requireOurs(target, versions) {
  const [{ id = "" } = {}] = versions.slice(-1);
  const { resources } = await wranglerJson(["versions", "view", id, ...named(target), "--json"]);
  /** @type {{ name: string, text?: string, bucket_name?: string }[]} */
  const bindings = resources?.bindings ?? [];
  if (bindings.some(({ name }) => name === "REBUILDER")) return bindings;
  throw new Refusal(
    `The name ${target.worker} is taken by another Worker of this account: change \`name\` in ${CONFIG}, and \`service\` in wrangler.toml to match.`,
  );
}

/**
 * The tokens from the environment, for this deploy to set; Cloudflare stores those of earlier ones.
 * @param {NodeJS.ProcessEnv} env
 * @param {string} worker
 * @param {readonly string[]} there names of the Worker's existing tokens
 * @returns {Record<string, string>}
 * @throws {Refusal} if a token is missing or invalid
 */
function secretsFor(env, worker, there) {
  const missing = TOKEN_NAMES.filter((name) => !env[name] && !there.includes(name));
  if (missing.length > 0) {
    const made = missing.map((name) => `${name}=$(openssl rand -hex 32)`).join(" ");
    const printed = missing.map((name) => `$${name}`).join(" ");
    throw new Refusal(
      `${worker} has no ${missing.join(" and no ")} yet. Run this, keep what it prints, and repeat the command: export ${made}; echo ${printed}`,
    );
  }
  const given = Object.fromEntries(TOKEN_NAMES.map((name) => [name, env[name] ?? ""]));
  const set = Object.fromEntries(Object.entries(given).filter(([, token]) => token !== ""));
  for (const [name, token] of Object.entries(set)) requireToken(name, token);
  requireDistinctTokens(set);
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
