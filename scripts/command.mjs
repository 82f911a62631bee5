// @ts-check
import { constants } from "node:os";
import { endAllGroups } from "./process-group.mjs";
import { Refusal } from "./refusal.mjs";
import { explain } from "./terminal.mjs";

const OLDEST_NODE = "20.9";

/**
 * Runs a command from its beginning to its end: no child outlives it, and a signal is answered by the
 * code a shell expects (130, 143) while it works, by 0 once it only serves.
 * @param {(command: { serving(stop: () => Promise<void>): void, fail(error: unknown): void }) => Promise<void>} main
 */
export async function runCommand(main) {
  let ending = false;
  /** @type {(() => Promise<void>) | null} */
  let stopServing = null;

  /** @param {number} code */
  const end = async (code) => {
    // npm passes on the Ctrl-C that the terminal has already sent us: the second changes nothing.
    if (ending) return;
    ending = true;
    await stopServing?.();
    await endAllGroups();
    process.exit(code);
  };
  for (const signal of /** @type {const} */ (["SIGINT", "SIGTERM", "SIGHUP"])) {
    process.on(signal, () => end(stopServing ? 0 : 128 + constants.signals[signal]));
  }
  /** @param {unknown} error */
  const fail = (error) => {
    // What fails because we are ending it is no failure.
    if (ending) return;
    explain(error);
    end(error instanceof Refusal ? error.exitCode : 1);
  };

  if (process.versions.node.localeCompare(OLDEST_NODE, "en", { numeric: true }) < 0) {
    fail(new Refusal(`Node ${OLDEST_NODE} or newer is needed; this is ${process.versions.node}.`));
    return;
  }
  try {
    await main({
      serving(stop) {
        stopServing = stop;
      },
      fail,
    });
    if (!stopServing) await end(Number(process.exitCode ?? 0));
  } catch (error) {
    fail(error);
  }
}
