// @ts-check
// Runs worlds on as many threads as there are processors.
import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";

/** @typedef {import("./lane.mjs").Task} Task */
/** @typedef {{ seed: number, report?: import("../../sim/world").Report, violation: { invariant: number, message: string } | null }} Result */

export const LANES = availableParallelism();

/** Most of what a world makes is gone by its next event: a larger nursery is collected less often. */
const resourceLimits = { maxYoungGenerationSizeMb: 96 };

/** One thread. */
export class Lane {
  #worker = new Worker(new URL("./lane.mjs", import.meta.url), { resourceLimits });

  /**
   * @param {Task} task
   * @returns {Promise<Result>}
   */
  run(task) {
    return new Promise((resolve, reject) => {
      this.#worker.once("error", reject);
      this.#worker.once("message", (result) => {
        this.#worker.off("error", reject);
        resolve(result);
      });
      this.#worker.postMessage(task);
    });
  }

  end() {
    return this.#worker.terminate();
  }
}
