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
 * @throws {Refusal} after `patienceMs`, with the last lines of both logs
 */
export async function untilServed(url, logs, patienceMs = START_DEADLINE_MS) {
  const deadline = Date.now() + patienceMs;
  while (!((await answers(`${url}/api/status`)) && (await answers(url)))) {
    if (Date.now() > deadline) throw new Refusal(explanation(logs, patienceMs));
    await delay(POLL_MS);
  }
}

/** @param {string} url */
async function answers(url) {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS) });
    await response.arrayBuffer();
    return response.status === 200;
  } catch {
    return false;
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
