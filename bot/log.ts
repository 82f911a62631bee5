/** The bot's log, for people to read. */

export type Log = (line: string) => void;

const QUOTE_MAX_CHARACTERS = 60;

/** Starts each line with the time and the name of the bot's process. */
export function openLog(instance: string, write: (line: string) => void): Log {
  return (line) => write(`${new Date().toISOString()} ${instance} ${line}\n`);
}

/** Text in quotation marks, cut to `QUOTE_MAX_CHARACTERS`. */
export function quote(text: string): string {
  const characters = Array.from(text);
  if (characters.length <= QUOTE_MAX_CHARACTERS) return JSON.stringify(text);
  return `${JSON.stringify(characters.slice(0, QUOTE_MAX_CHARACTERS).join(""))}…`;
}

/** A duration in ms, as text in seconds. */
export function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`;
}
