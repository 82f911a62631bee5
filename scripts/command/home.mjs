// @ts-check
import { accessSync, constants } from "node:fs";
import { homedir } from "node:os";
import path from "node:path";

/**
 * npm, the build and wrangler keep directories in the home directory. Each of these variables moves one
 * of them elsewhere; the value is its name there.
 */
const PLACES = {
  XDG_CONFIG_HOME: "config",
  XDG_CACHE_HOME: "cache",
  XDG_DATA_HOME: "data",
  npm_config_cache: "npm",
};

/**
 * If the home can't be written, as for a service account, makes the started tools keep their files in
 * `directory`/home. A writable home stays in use, since it holds the login for deploys.
 * @param {string} directory
 * @param {NodeJS.Dict<string>} [env] the tools' environment; this function changes it
 */
export function provideHome(directory, env = process.env) {
  const home = homeOf(env);
  if (home && isWritable(home)) return;
  for (const [name, place] of Object.entries(PLACES)) {
    // `npm start` passes on npm's cache directory, usually one in the home: that must move as well.
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
    // `homedir` throws if the system's list of users lacks this one, as in many containers.
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
