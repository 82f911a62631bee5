// @ts-check
// The reference bot as a process, for trials that kill or restart it.
import path from "node:path";
import { ROOT } from "../command/paths.mjs";
import { exited, spawnNode } from "../command/process-group.mjs";
import { BOT_TOKEN } from "../stack/wall-process.mjs";

/** @typedef {ReturnType<typeof startBot>} BotProcess */

/**
 * @param {string} url the wall
 * @param {{ name?: string, args?: string[], env?: Record<string, string>, onLine?: (line: string) => void }} [options]
 */
export function startBot(url, { name = "echo", args = [], env = {}, onLine = () => {} } = {}) {
  const script = path.join(ROOT, "scripts", "bot.mjs");
  const child = spawnNode([script, "--url", url, "--name", name, ...args], {
    env: { ...process.env, BOT_TOKEN, ...env },
  });
  child.stderr?.pipe(process.stderr);
  const closed = exited(child);
  let rest = "";
  child.stdout?.on("data", (chunk) => {
    const lines = `${rest}${chunk}`.split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) onLine(line);
  });
  return {
    closed,
    /** @param {NodeJS.Signals} signal */
    async end(signal) {
      child.kill(signal);
      return closed;
    },
  };
}
