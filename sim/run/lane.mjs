// @ts-check
// A thread that runs the worlds it receives, one after the other.
import { pathToFileURL } from "node:url";
import { parentPort } from "node:worker_threads";
import { fileOf } from "./sizes.mjs";

/** @typedef {import("../world").WorldOptions} WorldOptions */
/** @typedef {{ files: { shipped: string, small: string }, options: WorldOptions }} Task */

const port = parentPort;
if (!port) throw new Error("this must run as a thread of sim/run/worlds.mjs");

// A world throws a great many simulated failures, and only their messages are read: stack traces would be wasted.
Error.stackTraceLimit = 0;

port.on("message", async (/** @type {Task} */ { files, options }) => {
  const { seed } = options;
  try {
    const { runWorld } = await import(pathToFileURL(fileOf(seed, files)).href);
    const { violation, trace: _, ...report } = await runWorld(options);
    const broken = violation && { invariant: violation.invariant, message: violation.message };
    port.postMessage({ seed, report, violation: broken });
  } catch (error) {
    // The world itself threw. No invariant has the number 0.
    const message = `threw ${error instanceof Error ? error.message : error}`;
    port.postMessage({ seed, violation: { invariant: 0, message } });
  }
});
