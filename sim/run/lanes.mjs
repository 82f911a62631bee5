// @ts-check
// Runs worlds in as many processes as there are processors.
import { fork } from "node:child_process";
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";

/** @typedef {import("./lane.mjs").Task} Task */
/** @typedef {{ seed: number, report?: import("../world").Report, violation: { invariant: number, message: string } | null }} Result */

export const LANES = availableParallelism();

/** Most of what a world makes is gone by its next event: a larger nursery is collected less often. */
const MEMORY = ["--max-semi-space-size=96", "--max-old-space-size=2000"];

/** A world that takes this long loops for ever: it usually takes seconds. */
const HANGS_MS = 10 * 60_000;

const FILE = fileURLToPath(new URL("./lane.mjs", import.meta.url));

/** One process at a time. Processes take a quarter less time than threads, which share a heap's collector. */
export class Lane {
  #process = newProcess();

  /**
   * @param {Task} task
   * @returns {Promise<Result>}
   */
  run(task) {
    const child = this.#process;
    return new Promise((resolve) => {
      // A world that loops, or fills its process's heap, is told by its seed, like a violation.
      const end = (/** @type {string} */ message) => {
        settle({ seed: task.options.seed, violation: { invariant: 0, message } });
        child.kill("SIGKILL");
        this.#process = newProcess();
      };
      const onExit = () => end("ended its process");
      const hanging = setTimeout(() => end(`did not end in ${HANGS_MS / 60_000} min`), HANGS_MS);
      const settle = (/** @type {Result} */ result) => {
        clearTimeout(hanging);
        child.off("exit", onExit);
        child.off("message", settle);
        resolve(result);
      };
      child.once("exit", onExit);
      child.once("message", settle);
      child.send(task);
    });
  }

  end() {
    this.#process.kill();
  }
}

function newProcess() {
  // A report has maps.
  return fork(FILE, { execArgv: MEMORY, serialization: "advanced" });
}
