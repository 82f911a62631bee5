// @ts-check
// A process that runs the worlds it receives, one after the other.
import { pathToFileURL } from "node:url";
import { fileOf } from "./sizes.mjs";

/** @typedef {import("../world").WorldOptions} WorldOptions */
/** @typedef {{ files: { shipped: string, small: string }, options: WorldOptions }} Task */

// A world throws a great many simulated failures, and only their messages are read: stack traces would be wasted.
Error.stackTraceLimit = 0;

process.on("message", async (/** @type {Task} */ { files, options }) => {
  const { seed } = options;
  try {
    const { runWorld } = await import(pathToFileURL(fileOf(seed, files)).href);
    const { violation, trace: _, ...report } = await runWorld(options);
    const broken = violation && { invariant: violation.invariant, message: violation.message };
    process.send?.({ seed, report, violation: broken });
  } catch (error) {
    // The world itself threw. No invariant has the number 0.
    const message = `threw ${error instanceof Error ? error.message : error}`;
    process.send?.({ seed, violation: { invariant: 0, message } });
  }
});
