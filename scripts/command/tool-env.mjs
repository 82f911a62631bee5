// @ts-check

/**
 * The environment for a tool whose output a person reads: no telemetry, and no NODE_ENV.
 * @returns {NodeJS.ProcessEnv}
 */
export function quietEnv() {
  const env = {
    ...process.env,
    NEXT_TELEMETRY_DISABLED: "1",
    VERCEL_TELEMETRY_DISABLED: "1",
    NO_UPDATE_NOTIFIER: "1",
    // Next.js would add entries to the lock file that npm omits on purpose.
    NEXT_IGNORE_INCORRECT_LOCKFILE: "1",
    WRANGLER_SEND_METRICS: "false",
    WRANGLER_SEND_ERROR_REPORTS: "false",
    WRANGLER_HIDE_BANNER: "true",
    // Wrangler's own page of the stored data, which must not be served.
    X_LOCAL_EXPLORER: "false",
  };
  // Each tool interprets it differently; a container's "production" would break `next dev` and the
  // tests.
  Reflect.deleteProperty(env, "NODE_ENV");
  return env;
}

/** The environment for a tool that writes to a log: also without questions and colours. */
export function toolEnv() {
  const { FORCE_COLOR: _, ...quiet } = quietEnv();
  return { ...quiet, CI: "1", NO_COLOR: "1" };
}
