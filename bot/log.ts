/** Log lines for people. */

export type Log = (line: string) => void;

const QUOTE_MAX_CHARACTERS = 60;

/** Each line starts with its time and process. */
export function openLog(instance: string, write: (line: string) => void): Log {
  return (line) => write(`${new Date().toISOString()} ${instance} ${line}\n`);
}

/** ms in a readable form. */
export function quote(text: string): string {
  const characters = Array.from(text);
  if (characters.length <= QUOTE_MAX_CHARACTERS) return JSON.stringify(text);
  return `${JSON.stringify(characters.slice(0, QUOTE_MAX_CHARACTERS).join(""))}…`;
}

/** ms as a person reads it. */
export function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`;
}
