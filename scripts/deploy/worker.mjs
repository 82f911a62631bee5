// @ts-check
// The Worker's part of a deploy.
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { ROOT } from "../command/paths.mjs";
import { Refusal } from "../command/refusal.mjs";
import { removeAtExit } from "../command/scratch.mjs";
import { wrangler, wranglerJson, wranglerJsonIfThere } from "./cloudflare.mjs";
import { secretsFor, withSecretsFile } from "./secrets.mjs";

/** @typedef {import("./target.mjs").Target} Target */

const CONFIG = "worker/wrangler.toml";
/** The configuration with a namespace's id, in the same directory, since its paths are relative. */
const CONFIG_WITH_ID = "worker/wrangler.deploy.toml";
const KV_BINDING = "LEDGER_KV";

/**
 * Finds errors that would make the deploy fail later.
 * @param {Target} target
 * @param {NodeJS.ProcessEnv} env
 * @throws {Refusal}
 */
export async function prepareWorker(target, env) {
  const versions = await wranglerJsonIfThere(["versions", "list", ...named(target), "--json"]);
  if (!versions?.length)
    return { secrets: secretsFor(env, target.worker, []), config: await configOfFirst(target) };
  await requireOurs(target, versions);
  /** @type {{ name: string }[]} */
  const there = await wranglerJson(["secret", "list", ...named(target), "--format=json"]);
  const names = there.map(({ name }) => name);
  return { secrets: secretsFor(env, target.worker, names), config: CONFIG };
}

/**
 * @param {Target} target
 * @param {string} version
 * @param {Awaited<ReturnType<typeof prepareWorker>>} prepared
 */
export async function deployWorker(target, version, { secrets, config }) {
  try {
    await withSecretsFile(secrets, (secretsFile) =>
      wrangler([...deployArguments(target, version, config), ...secretsFile]),
    );
  } finally {
    rmSync(path.join(ROOT, CONFIG_WITH_ID), { force: true });
  }
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
async function configOfFirst({ env, worker }) {
  const title = `${worker}-${KV_BINDING.toLowerCase().replaceAll("_", "-")}`;
  /** @type {{ id: string, title: string }[]} */
  const namespaces = await wranglerJson(["kv", "namespace", "list"]);
  const made = namespaces.find((namespace) => namespace.title === title);
  if (!made) return CONFIG;
  const header = env === "" ? "[[kv_namespaces]]" : `[[env.${env}.kv_namespaces]]`;
  const binding = `${header}\nbinding = "${KV_BINDING}"\n`;
  const text = readFileSync(path.join(ROOT, CONFIG), "utf8");
  if (!text.includes(binding)) throw new Error(`${CONFIG} does not bind ${KV_BINDING} as expected`);
  const withId = text.replace(binding, `${binding}id = "${made.id}"\n`);
  const file = path.join(ROOT, CONFIG_WITH_ID);
  removeAtExit(file);
  writeFileSync(file, withId);
  return CONFIG_WITH_ID;
}

/**
 * @param {Target} target
 * @param {{ id: string }[]} versions
 */
async function requireOurs(target, versions) {
  const [{ id = "" } = {}] = versions.slice(-1);
  const { resources } = await wranglerJson(["versions", "view", id, ...named(target), "--json"]);
  const names = (resources?.bindings ?? []).map((/** @type {{ name: string }} */ { name }) => name);
  if (names.includes("REBUILDER")) return;
  throw new Refusal(
    `The name ${target.worker} is taken by another Worker of this account: change \`name\` in ${CONFIG}, and \`service\` in wrangler.toml to match.`,
  );
}
