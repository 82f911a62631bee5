/** Structured logs: one event a line. */

export type Log = (event: string, fields?: Record<string, unknown>) => void;

/** How often a rebuild that found nothing new is told: an idle wall rebuilds 28,800 times a day. */
const IDLE_REBUILD_LOG_MS = 60_000;

/** Writes to the console, where the platform's observability picks it up. */
export function consoleLog(wall: string, request?: string): Log {
  const of = request === undefined ? { wall } : { wall, request };
  return (event, fields = {}) => {
    const { error, ...rest } = fields;
    const cause = error === undefined ? {} : { error: String(error) };
    console.log(JSON.stringify({ at: Date.now(), event, ...of, ...rest, ...cause }));
  };
}

/** Leaves out rebuilds that found nothing new, but for one a minute, which shows that they go on. */
export function withoutIdleRebuilds(log: Log, now: () => number = Date.now): Log {
  let toldAt = Number.NEGATIVE_INFINITY;
  return (event, fields) => {
    if (event === "cache rebuilt") {
      if (fields?.new === 0 && now() - toldAt < IDLE_REBUILD_LOG_MS) return;
      toldAt = now();
    }
    log(event, fields);
  };
}
