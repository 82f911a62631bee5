/** Structured logs: one event a line. */

export type Log = (event: string, fields?: Record<string, unknown>) => void;

/** Writes to the console, where the platform's observability picks it up. */
export function consoleLog(wall: string): Log {
  return (event, fields = {}) => {
    const { error, ...rest } = fields;
    const cause = error === undefined ? {} : { error: String(error) };
    console.log(JSON.stringify({ at: Date.now(), event, wall, ...rest, ...cause }));
  };
}
