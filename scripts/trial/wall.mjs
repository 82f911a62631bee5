// @ts-check
// A whole wall in its own process, as `npm start` runs it, for trials that kill or restart it.
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { ROOT } from "../command/paths.mjs";
import { exited, spawnNode } from "../command/process-group.mjs";
import { Refusal } from "../command/refusal.mjs";

/** It may have to build first. */
const READY_DEADLINE_MS = 300_000;
const ANSWER_DEADLINE_MS = 60_000;
const RETRY_MS = 100;
const PAGE_BYTES = 4_096;

export const BOT_TOKEN = "wall-process-bot-token-0123456789";
export const ADMIN_TOKEN = "wall-process-admin-token-0123456789";

/** @typedef {Awaited<ReturnType<typeof startWall>>} Wall */

/**
 * Starts the wall on a state directory, and waits until it serves.
 * @param {string} stateDir
 * @param {{ port?: string, ledger?: string }} [options] any free port and `kv` by default
 */
export async function startWall(stateDir, { port = "0", ledger = "kv" } = {}) {
  const began = performance.now();
  const child = spawnNode([path.join(ROOT, "scripts", "start.mjs")], {
    env: {
      ...process.env,
      HOST: "127.0.0.1",
      PORT: port,
      STATE_DIR: stateDir,
      LEDGER: ledger,
      BOT_TOKEN,
      ADMIN_TOKEN,
    },
  });
  child.stderr?.pipe(process.stderr);
  let ended = false;
  const closed = exited(child).then(() => {
    ended = true;
  });
  let output = "";
  /** @type {string} */
  const url = await new Promise((resolve, reject) => {
    const late = setTimeout(() => reject(new Error(`not ready:\n${output}`)), READY_DEADLINE_MS);
    child.stdout?.on("data", (chunk) => {
      output += chunk;
      const ready = /^ready (\S+)$/m.exec(output);
      if (!ready) return;
      clearTimeout(late);
      resolve(ready[1] ?? "");
    });
    closed.then(() => reject(new Error(`ended before it was ready:\n${output}`)));
  });
  /** The current process groups of page and Worker. */
  const groups = () => {
    const services = JSON.parse(readFileSync(path.join(stateDir, "stack.json"), "utf8"));
    return Object.values(services).flatMap(({ pid }) => (pid ? [Number(pid)] : []));
  };
  return {
    url,
    readyMs: performance.now() - began,
    groups,
    hasEnded: () => ended,
    /** Kills all its processes at once, like a power cut. */
    async kill() {
      if (ended) return;
      const running = groups();
      child.kill("SIGKILL");
      for (const group of running) killGroup(group);
      await closed;
    },
    /** Stops it like a deploy does. */
    async stop() {
      child.kill("SIGTERM");
      await closed;
    },
  };
}

/** @param {number} pid */
function killGroup(pid) {
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // It ended by itself along with the process that started it.
  }
}

/**
 * Resident memory of the processes in some process groups, in bytes; Linux only.
 * @param {readonly number[]} groups
 * @param {string} [program] only processes with this in their name
 */
export function memoryOf(groups, program = "") {
  let bytes = 0;
  for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
    try {
      // "pid (name) state ppid pgrp …" (proc(5)), and the name may contain anything.
      const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
      const end = stat.lastIndexOf(")");
      const fields = stat.slice(end + 2).split(" ");
      if (groups.includes(Number(fields[2])) && stat.slice(0, end).includes(program))
        bytes += Number(fields[21]) * PAGE_BYTES;
    } catch {
      // It has ended meanwhile.
    }
  }
  return bytes;
}

/**
 * The body of a successful answer; `null` after a failure or without an answer.
 * @param {string} url
 * @param {string} method
 * @param {unknown} [body]
 * @param {string} [token]
 */
export async function ask(url, method, body, token = BOT_TOKEN) {
  try {
    const response = await fetch(url, {
      method,
      headers: { "Content-Type": "application/json", Authorization: `Bearer ${token}` },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) return null;
    return text === "" ? {} : JSON.parse(text);
  } catch {
    return null;
  }
}

/**
 * Retries until there is an answer.
 * @param {string} url
 * @param {string} [method]
 * @param {unknown} [body]
 * @param {string} [token] the bot's by default
 * @throws {Refusal} after a minute without one
 */
export async function untilAnswered(url, method = "GET", body, token = BOT_TOKEN) {
  const deadline = performance.now() + ANSWER_DEADLINE_MS;
  while (performance.now() < deadline) {
    const answer = await ask(url, method, body, token);
    if (answer) return answer;
    await delay(RETRY_MS);
  }
  throw new Refusal(`LOST: no answer from ${new URL(url).pathname}`);
}
