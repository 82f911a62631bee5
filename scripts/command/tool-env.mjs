// @ts-check

/**
 * The environment for a tool whose output a person watches: no telemetry, and no NODE_ENV.
 * @returns {NodeJS.ProcessEnv}
 */
export function quietEnv() {
  const env = {
    ...process.env,
    NEXT_TELEMETRY_DISABLED: "1",
    VERCEL_TELEMETRY_DISABLED: "1",
    NO_UPDATE_NOTIFIER: "1",
    // Next.js would add to the lock file what npm leaves out of it on purpose.
    NEXT_IGNORE_INCORRECT_LOCKFILE: "1",
    WRANGLER_SEND_METRICS: "false",
    WRANGLER_SEND_ERROR_REPORTS: "false",
    WRANGLER_HIDE_BANNER: "true",
    // Wrangler's own page of the stored data; not ours to serve.
    X_LOCAL_EXPLORER: "false",
  };
  // Each tool has its own idea of it; a container's "production" would break `next dev` and the tests.
  Reflect.deleteProperty(env, "NODE_ENV");
  return env;
}

/** The environment for a tool that writes into a log: no questions and no colours either. */
export function toolEnv() {
  const { FORCE_COLOR: _, ...quiet } = quietEnv();
  return { ...quiet, CI: "1", NO_COLOR: "1" };
}
