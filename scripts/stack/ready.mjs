// @ts-check
import { readFileSync } from "node:fs";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { lastLines } from "../command/quiet-run.mjs";
import { Refusal } from "../command/refusal.mjs";

const POLL_MS = 100;
const REQUEST_TIMEOUT_MS = 10_000;
// A start usually takes some seconds, and far longer on a busy machine.
const START_DEADLINE_MS = 120_000;

/**
 * Waits until the page is served and the Worker answers through it.
 * @param {string} url
 * @param {string} logs directory of the two processes' logs
 * @returns {Promise<{ ledger: "kv" | "sqlite" }>} the wall's status
 * @throws {Refusal} after `patienceMs`, with the last lines of both logs
 */
export async function untilServed(url, logs, patienceMs = START_DEADLINE_MS) {
  const deadline = Date.now() + patienceMs;
  for (;;) {
    const status = await answerOf(`${url}/api/status`);
    if (status !== null && (await answerOf(url)) !== null) return JSON.parse(status);
    if (Date.now() > deadline) throw new Refusal(explanation(logs, patienceMs));
    await delay(POLL_MS);
  }
}

/** @param {string} url */
async function answerOf(url) {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS) });
    const text = await response.text();
    return response.status === 200 ? text : null;
  } catch {
    return null;
  }
}

/**
 * @param {string} logs
 * @param {number} patienceMs
 */
function explanation(logs, patienceMs) {
  const tails = ["worker", "page"].map((name) => {
    const file = path.join(logs, `${name}.log`);
    try {
      return `${file}:\n${lastLines(readFileSync(file, "utf8"), 15)}`;
    } catch {
      return `${file}: no log`;
    }
  });
  return `The wall did not answer within ${patienceMs / 1000} s.\n${tails.join("\n")}`;
}
