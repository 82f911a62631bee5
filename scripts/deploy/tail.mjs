// @ts-check
// Parses the output of `wrangler tail --format=json`: one JSON object per invocation, over many
// lines.

/** @typedef {{ eventTimestamp?: number, outcome?: string, logs?: { timestamp?: number, message?: unknown[] }[], exceptions?: { timestamp?: number, name?: string, message?: string }[] }} Invocation */

/**
 * @param {string} half the part's name, added to each line
 * @param {(line: string) => void} write
 * @returns {(text: string) => void} takes the output in chunks
 */
export function createTailReader(half, write) {
  let rest = "";
  /** @type {string[]} */
  let object = [];
  return (text) => {
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) {
      if (object.length === 0 && !line.startsWith("{")) continue;
      object.push(line);
      if (!line.startsWith("}") && !(object.length === 1 && line.endsWith("}"))) continue;
      for (const said of linesOf(half, JSON.parse(object.join("\n")))) write(JSON.stringify(said));
      object = [];
    }
  };
}

/**
 * @param {string} half
 * @param {Invocation} invocation
 */
function linesOf(half, { eventTimestamp, outcome, logs = [], exceptions = [] }) {
  const said = logs.flatMap(({ timestamp, message = [] }) =>
    message.map((words) => ({ half, at: timestamp, ...structured(words) })),
  );
  const thrown = exceptions.map(({ timestamp, name, message }) => ({
    half,
    at: timestamp,
    event: "exception",
    error: `${name}: ${message}`,
  }));
  const all = [...said, ...thrown];
  // An interrupted call logs nothing itself.
  if (all.length === 0 && outcome !== undefined && outcome !== "ok")
    return [{ half, at: eventTimestamp, event: "invocation failed", outcome }];
  return all;
}

/**
 * @param {unknown} words JSON from us, text from the runtime
 * @returns {Record<string, unknown>}
 */
function structured(words) {
  try {
    const value = JSON.parse(String(words));
    if (typeof value === "object" && value !== null) return value;
  } catch {}
  return { event: "said", words };
}
