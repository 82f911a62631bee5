// @ts-check
// Runs worlds on as many threads as there are processors.
import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";

/** @typedef {import("./lane.mjs").Task} Task */
/** @typedef {{ seed: number, report?: import("../world").Report, violation: { invariant: number, message: string } | null }} Result */

export const LANES = availableParallelism();

/** Most of what a world makes is gone by its next event: a larger nursery is collected less often. */
const resourceLimits = { maxYoungGenerationSizeMb: 96, maxOldGenerationSizeMb: 2_000 };

/**
 * A thread keeps some 15 MB of each world that it ran, so it is replaced before they fill its heap. The cause is not
 * known.
 */
const WORLDS_PER_THREAD = 20;

/** A world that takes this long loops for ever: it usually takes seconds. */
const HANGS_MS = 10 * 60_000;

/** One thread at a time. */
export class Lane {
  #worker = newThread();
  #worlds = 0;

  /**
   * @param {Task} task
   * @returns {Promise<Result>}
   */
  async run(task) {
    this.#worlds += 1;
    if (this.#worlds > WORLDS_PER_THREAD) {
      await this.#worker.terminate();
      this.#worker = newThread();
      this.#worlds = 1;
    }
    const worker = this.#worker;
    return new Promise((resolve) => {
      // A world that loops, or fills its thread's heap, is told by its seed, like a violation.
      const end = (/** @type {string} */ message) => {
        settle({ seed: task.options.seed, violation: { invariant: 0, message } });
        void worker.terminate();
        this.#worker = newThread();
        this.#worlds = 0;
      };
      const onError = (/** @type {Error} */ { message }) => end(message);
      const hanging = setTimeout(() => end(`did not end in ${HANGS_MS / 60_000} min`), HANGS_MS);
      const settle = (/** @type {Result} */ result) => {
        clearTimeout(hanging);
        worker.off("error", onError);
        worker.off("message", settle);
        resolve(result);
      };
      worker.once("error", onError);
      worker.once("message", settle);
      worker.postMessage(task);
    });
  }

  end() {
    return this.#worker.terminate();
  }
}

function newThread() {
  return new Worker(new URL("./lane.mjs", import.meta.url), { resourceLimits });
}
