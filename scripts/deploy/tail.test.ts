import { expect, test } from "vitest";
import { createTailReader } from "./tail.mjs";

test("a tail's invocations, in chunks of any size, become one line per log entry", () => {
  const lines: unknown[] = [];
  const read = createTailReader("worker", (line) => lines.push(JSON.parse(line)));
  const said = JSON.stringify({ at: 1, event: "cache rebuilt", wall: "main" });
  const invocations = [
    { outcome: "ok", logs: [{ timestamp: 2, message: [said, "words"] }], exceptions: [] },
    { outcome: "ok", logs: [], exceptions: [] },
    { outcome: "exceededCpu", eventTimestamp: 3, logs: [], exceptions: [] },
    { outcome: "exception", exceptions: [{ timestamp: 4, name: "Error", message: "no" }] },
  ];
  const [first, ...others] = invocations.map((invocation) => JSON.stringify(invocation, null, 2));
  const output = ["Connected to saywhatwant-worker", first, ...others, ""].join("\n");
  for (let at = 0; at < output.length; at += 7) read(output.slice(at, at + 7));
  read(`${JSON.stringify(invocations[2])}\n`);

  const cutOff = { half: "worker", at: 3, event: "invocation failed", outcome: "exceededCpu" };
  expect(lines).toEqual([
    { half: "worker", at: 1, event: "cache rebuilt", wall: "main" },
    { half: "worker", at: 2, event: "said", words: "words" },
    cutOff,
    { half: "worker", at: 4, event: "exception", error: "Error: no" },
    cutOff,
  ]);
});
