/** Lines that a person can follow. */

export type Log = (line: string) => void;

const QUOTE_MAX_CHARACTERS = 60;

/** Each line with its time and the process that says it. */
export function openLog(instance: string, write: (line: string) => void): Log {
  return (line) => write(`${new Date().toISOString()} ${instance} ${line}\n`);
}

/** A stranger's words on one line, escaped and short. */
export function quote(text: string): string {
  const characters = Array.from(text);
  if (characters.length <= QUOTE_MAX_CHARACTERS) return JSON.stringify(text);
  return `${JSON.stringify(characters.slice(0, QUOTE_MAX_CHARACTERS).join(""))}…`;
}

/** ms as a person reads it. */
export function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`;
}
