// @ts-check
import { constants } from "node:os";
import { HelpAsked } from "./arguments.mjs";
import { endAllGroups } from "./process-group.mjs";
import { Refusal } from "./refusal.mjs";
import { explain, printed, say } from "./terminal.mjs";
import { isEarlierVersion } from "./version.mjs";

export const OLDEST_NODE = "20.9";

/** @param {string} version such as 20.9 */
export function isOlderNode(version) {
  return isEarlierVersion(process.versions.node, version);
}

/**
 * Runs a command from start to end: no child outlives it. A signal gives the exit code that a shell
 * expects (130, 143) during the work, and 0 while it only serves.
 * @param {(command: { serving(stop: () => Promise<void>): void, fail(error: unknown): void }) => Promise<void>} main
 */
export async function runCommand(main) {
  let ending = false;
  /** @type {(() => Promise<void>) | null} */
  let stopServing = null;

  /**
   * @param {number} code
   * @param {Promise<void>} [lastWords]
   */
  const end = async (code, lastWords) => {
    // npm passes on the Ctrl-C that the terminal has already sent us: the second one changes
    // nothing.
    if (ending) return;
    ending = true;
    await stopServing?.();
    await endAllGroups();
    await lastWords;
    process.exit(code);
  };
  /** @param {NodeJS.Signals} signal */
  const endBy = (signal) => end(stopServing ? 0 : 128 + constants.signals[signal]);
  for (const signal of /** @type {const} */ (["SIGINT", "SIGTERM", "SIGHUP"]))
    process.on(signal, () => endBy(signal));
  /** @param {unknown} error */
  const fail = (error) => {
    // Errors caused by our own shutdown are not failures.
    if (ending) return;
    if (error instanceof HelpAsked) {
      say(error.message);
      end(0, printed());
      return;
    }
    explain(error);
    end(error instanceof Refusal ? error.exitCode : 1, printed());
  };
  process.stdout.on("error", (/** @type {NodeJS.ErrnoException} */ error) => {
    // The reader of our output, such as `head`, has read enough.
    if (error.code === "EPIPE") endBy("SIGPIPE");
    // A server has already printed its address; a full disk under its log is no reason to stop.
    else if (!stopServing) fail(new Refusal(`Can't write to standard output: ${error.message}`));
  });
  // No place is left to report it.
  process.stderr.on("error", () => {});

  if (isOlderNode(OLDEST_NODE)) {
    fail(
      new Refusal(`Node ${OLDEST_NODE} or newer is required; this is ${process.versions.node}.`),
    );
    return;
  }
  try {
    await main({
      serving(stop) {
        stopServing = stop;
      },
      fail,
    });
    if (!stopServing) await end(Number(process.exitCode ?? 0), printed());
  } catch (error) {
    fail(error);
  }
}
