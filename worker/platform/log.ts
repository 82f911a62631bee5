/** Structured logs: one JSON event per line. */

export type Log = (event: string, fields?: Record<string, unknown>) => void;

/** Rebuilds that found nothing new are logged this often: an idle wall rebuilds 28,800 times a day. */
const IDLE_REBUILD_LOG_MS = 60_000;

/** Writes to the console, where the platform's observability picks it up. */
export function consoleLog(wall: string, request?: string): Log {
  const context = request === undefined ? { wall } : { wall, request };
  return (event, fields = {}) => {
    const { error, ...rest } = fields;
    const cause = error === undefined ? {} : { error: String(error) };
    console.log(JSON.stringify({ at: Date.now(), event, ...context, ...rest, ...cause }));
  };
}

/** Drops rebuilds that found nothing new, except one a minute, which shows that rebuilds still run. */
export function withoutIdleRebuilds(log: Log, now: () => number = Date.now): Log {
  let loggedAt = Number.NEGATIVE_INFINITY;
  return (event, fields) => {
    if (event === "cache rebuilt") {
      if (fields?.new === 0 && now() - loggedAt < IDLE_REBUILD_LOG_MS) return;
      loggedAt = now();
    }
    log(event, fields);
  };
}
