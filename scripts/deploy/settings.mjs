// @ts-check
// The operator's settings of a deploy. They live in a file that git ignores, so that no update of the sources
// collides with them, and are all checked before anything is sent.
import { appendFileSync, existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { ROOT } from "../command/paths.mjs";
import { Refusal } from "../command/refusal.mjs";
import { LEDGERS, readOrigins } from "../stack/settings.mjs";

/**
 * @typedef {object} DeploySettings
 * @property {"kv" | "sqlite"} [ledger] of the wall that the first deploy creates
 * @property {string} [locationHint]
 * @property {"on" | "off"} [live]
 * @property {string} [allowedOrigins]
 * @property {string} [backupBucket] of production's wall
 */

const FILE_NAME = "deploy.env";
export const SETTINGS_FILE = path.join(ROOT, FILE_NAME);

/** As in worker/location.ts; a test compares them. */
const REGIONS = "wnam enam sam weur eeur apac apac-ne apac-se oc afr me".split(" ");

/** @type {Record<string, { key: keyof DeploySettings, read: (value: string) => string }>} */
const SETTINGS = {
  LEDGER: { key: "ledger", read: oneOf("LEDGER", LEDGERS) },
  LOCATION_HINT: { key: "locationHint", read: oneOf("LOCATION_HINT", REGIONS) },
  LIVE: { key: "live", read: oneOf("LIVE", ["on", "off"]) },
  ALLOWED_ORIGINS: { key: "allowedOrigins", read: readOrigins },
  BACKUP_BUCKET: { key: "backupBucket", read: readBucket },
};

/**
 * Reads the settings: from the environment, else from the file.
 * @param {NodeJS.ProcessEnv} env
 * @param {string} [file]
 * @returns {DeploySettings}
 * @throws {Refusal} naming the first line or variable that is wrong
 */
export function readDeploySettings(env, file = SETTINGS_FILE) {
  const given = { ...linesOf(file) };
  for (const name of Object.keys(SETTINGS)) if (env[name]) given[name] = env[name];
  return Object.fromEntries(
    Object.entries(given).map(([name, value]) => {
      const { key, read } = /** @type {(typeof SETTINGS)[string]} */ (SETTINGS[name]);
      return [key, read(value)];
    }),
  );
}

/**
 * Adds a setting to the file.
 * @param {string} name
 * @param {string} value
 * @param {string} [file]
 */
export function keepSetting(name, value, file = SETTINGS_FILE) {
  const text = existsSync(file) ? readFileSync(file, "utf8") : "";
  const separator = text === "" || text.endsWith("\n") ? "" : "\n";
  appendFileSync(file, `${separator}${name}=${value}\n`);
}

/**
 * Lines of `NAME=value`; empty ones and those that begin with # are skipped.
 * @param {string} file
 * @returns {Record<string, string>}
 */
function linesOf(file) {
  if (!existsSync(file)) return {};
  /** @type {Record<string, string>} */
  const found = {};
  for (const [index, line] of readFileSync(file, "utf8").split(/\r?\n/).entries()) {
    if (/^\s*(#|$)/.test(line)) continue;
    const place = `${path.basename(file)}, line ${index + 1}`;
    const [, name = "", value = ""] = /^\s*([A-Za-z_]+)\s*=\s*(.*?)\s*$/.exec(line) ?? [];
    if (!Object.hasOwn(SETTINGS, name))
      throw new Refusal(
        `${place}: “${line.trim()}” is no setting. Write NAME=value, with one of ${Object.keys(SETTINGS).join(", ")}.`,
      );
    if (Object.hasOwn(found, name)) throw new Refusal(`${place}: ${name} is there twice.`);
    // An empty value leaves the setting as it is.
    const bare = value.replace(/^(["'])(.*)\1$/, "$2");
    if (bare !== "") found[name] = bare;
  }
  return found;
}

/**
 * R2's own rule for names; a wrong one would fail only while the Worker is sent.
 * @param {string} value
 */
function readBucket(value) {
  if (/^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$/.test(value)) return value;
  throw new Refusal(
    `BACKUP_BUCKET must be the name of an R2 bucket, 3 to 63 of a-z, 0-9 and -, but it is “${value}”.`,
  );
}

/**
 * @param {string} name
 * @param {readonly string[]} known
 */
function oneOf(name, known) {
  return (/** @type {string} */ value) => {
    if (known.includes(value)) return value;
    throw new Refusal(`${name} must be one of ${known.join(", ")}, but it is “${value}”.`);
  };
}
