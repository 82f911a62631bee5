// @ts-check
/**
 * Waits for a started child to end. Returns its exit code, and what it wrote to stdout and stderr together.
 * @param {import("node:child_process").ChildProcess} child
 * @returns {Promise<{ code: number, stdout: string, output: string }>} `output` is that of both streams
 */
export async function outcome(child) {
  /** @type {Buffer[]} */
  const chunks = [];
  /** @type {Buffer[]} */
  const printed = [];
  child.stdout?.on("data", (chunk) => {
    chunks.push(chunk);
    printed.push(chunk);
  });
  child.stderr?.on("data", (chunk) => chunks.push(chunk));
  // Wait for "close", not "exit": only then has all output been read.
  const code = await new Promise((resolve) => {
    child.once("error", (error) => chunks.push(Buffer.from(error.message)));
    // A signal that ends the child leaves no exit code: 128 stands for one.
    child.once("close", (status) => resolve(status ?? 128));
  });
  const [output, stdout] = [chunks, printed].map((list) => Buffer.concat(list).toString());
  return { code, stdout: stdout ?? "", output: output ?? "" };
}

/**
 * @param {string} text
 * @param {number} count
 */
export function lastLines(text, count) {
  return text.trimEnd().split("\n").slice(-count).join("\n");
}

/**
 * @param {string} text
 * @param {number} count
 */
export function firstLines(text, count) {
  return text.trimEnd().split("\n").slice(0, count).join("\n");
}
