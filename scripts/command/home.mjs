// @ts-check
import { accessSync, constants } from "node:fs";
import { homedir } from "node:os";
import path from "node:path";

/**
 * Directories that npm, the build and wrangler keep in the home directory, by the variable that
 * moves each.
 */
const PLACES = {
  XDG_CONFIG_HOME: "config",
  XDG_CACHE_HOME: "cache",
  XDG_DATA_HOME: "data",
  npm_config_cache: "npm",
};

/**
 * Gives the started tools a directory for their files if the home can't be written, as for a
 * service account. A writable home stays in use, since it holds the login for deploys.
 * @param {string} directory where that directory is created if needed
 * @param {NodeJS.Dict<string>} [env] the environment, which is changed
 */
export function provideHome(directory, env = process.env) {
  const home = homeOf(env);
  if (home && isWritable(home)) return;
  for (const [name, place] of Object.entries(PLACES)) {
    // `npm start` passes npm's cache directory on, which is usually in the home.
    const given = env[name];
    if (!given || (home && given.startsWith(`${home}${path.sep}`)))
      env[name] = path.join(directory, "home", place);
  }
}

/** @param {NodeJS.Dict<string>} env */
function homeOf(env) {
  try {
    return env.HOME ?? homedir();
  } catch {
    // The user is missing from the system's list of users, as in many containers.
    return undefined;
  }
}

/** @param {string} directory */
function isWritable(directory) {
  try {
    accessSync(directory, constants.W_OK | constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
