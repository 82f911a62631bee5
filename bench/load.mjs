// @ts-check
// Load on a subject: a number of requests at once for a while, or a number per second.
import { setTimeout as delay } from "node:timers/promises";
import { percentile } from "../scripts/command/statistics.mjs";
import { Connection } from "./connection.mjs";

/** @typedef {import("./connection.mjs").Answer} Answer */
/** @typedef {{ method: string, path: string, body?: string, headers?: Record<string, string> }} Request */
/** @typedef {{ perSecond: number, p50Ms: number, p99Ms: number, requests: number, cpuMsEach: number, wireBytesEach: number }} Round */

let clients = 0;

/**
 * The sender's address, as Cloudflare's edge would set it: a new client each time, so that no limit
 * applies.
 */
export function clientAddress() {
  clients += 1;
  return `10.${(clients >> 16) & 255}.${(clients >> 8) & 255}.${clients & 255}`;
}

/**
 * A person's post.
 * @param {string} text
 * @param {string} [nonce]
 * @returns {Request}
 */
export function post(text, nonce) {
  const headers = { "Content-Type": "application/json", "CF-Connecting-IP": clientAddress() };
  const body = JSON.stringify({ text, username: "bench", color: "#3355aa", nonce });
  return { method: "POST", path: "/api/comments", body, headers };
}

/**
 * Sequential requests on each of several connections, for a while.
 * @param {URL} url
 * @param {{ atOnce: number, ms: number, request: () => Request, watched?: import("./process.mjs").Watched }} options
 * @returns {Promise<Round>}
 */
export async function press(url, { atOnce, ms, request, watched }) {
  const connections = Array.from({ length: atOnce }, () => new Connection(url));
  /** @type {number[]} */
  const latencies = [];
  let wireBytes = 0;
  const cpuBefore = watched?.cpuMs() ?? Number.NaN;
  const began = performance.now();
  try {
    await Promise.all(
      connections.map(async (connection) => {
        while (performance.now() - began < ms) {
          const sentAt = performance.now();
          const answer = await ask(connection, request());
          latencies.push(performance.now() - sentAt);
          wireBytes += answer.wireBytes;
        }
      }),
    );
  } finally {
    for (const connection of connections) connection.close();
  }
  const seconds = (performance.now() - began) / 1_000;
  const requests = latencies.length;
  return {
    perSecond: requests / seconds,
    p50Ms: percentile(latencies, 0.5),
    p99Ms: percentile(latencies, 0.99),
    requests,
    cpuMsEach: ((watched?.cpuMs() ?? Number.NaN) - cpuBefore) / requests,
    wireBytesEach: wireBytes / requests,
  };
}

/**
 * Starts requests at an even pace, however long the answers take, until the time is over; then
 * waits for all of them. Stops at the first failure: a machine that can't keep the pace eventually
 * refuses connections.
 * @param {number} perMinute
 * @param {number} ms
 * @param {(index: number) => Promise<unknown>} call
 */
export async function pace(perMinute, ms, call) {
  if (perMinute === 0) return delay(ms);
  const began = performance.now();
  const interval = 60_000 / perMinute;
  /** @type {Promise<unknown>[]} */
  const under = [];
  /** @type {unknown} */
  let failure = null;
  for (let index = 0; index * interval < ms && failure === null; index += 1) {
    const wait = began + index * interval - performance.now();
    if (wait > 0) await delay(wait);
    const work = call(index);
    work.catch((cause) => {
      failure ??= new Error(`Request ${index + 1} of ${perMinute} a minute failed: ${cause}`, {
        cause,
      });
    });
    under.push(work);
  }
  await Promise.allSettled(under);
  if (failure !== null) throw failure;
}

/**
 * workerd closes a connection some seconds after its last request arrived, even if the answer took
 * most of them; a connection that may be closing is not reused.
 */
const IDLE_MAX_MS = 2_000;

/** Connections that are borrowed for one request and returned. */
export class Pool {
  /** @type {{ connection: Connection, since: number }[]} */
  #idle = [];
  #url;

  /** @param {URL} url */
  constructor(url) {
    this.#url = url;
  }

  /**
   * Asks again if the connection was reset: on a busy machine the runtime may close it before the request is written.
   * A post needs a nonce for that.
   * @param {Request} request
   */
  async ask(request) {
    try {
      return await this.#once(request);
    } catch (error) {
      const isReset = /** @type {NodeJS.ErrnoException} */ (error).code === "ECONNRESET";
      if (!isReset || (request.method !== "GET" && !request.body?.includes('"nonce"'))) throw error;
      this.close();
      return this.#once(request);
    }
  }

  /** @param {Request} request */
  async #once(request) {
    const connection = this.#take();
    const since = performance.now();
    const answer = await ask(connection, request);
    this.#idle.push({ connection, since });
    return answer;
  }

  /** The most recently used. */
  #take() {
    const newest = this.#idle.pop();
    if (newest && performance.now() - newest.since < IDLE_MAX_MS) return newest.connection;
    newest?.connection.close();
    this.close();
    return new Connection(this.#url);
  }

  /** @param {string} path */
  async read(path) {
    const { body } = await this.ask({ method: "GET", path });
    return JSON.parse(body.toString());
  }

  close() {
    for (const { connection } of this.#idle.splice(0)) connection.close();
  }
}

/**
 * @param {Connection} connection
 * @param {Request} request
 * @returns {Promise<Answer>}
 */
async function ask(connection, { method, path, ...rest }) {
  const answer = await connection.send(method, path, rest);
  if (answer.status >= 400)
    throw new Error(`${method} ${path}: ${answer.status} ${answer.body.toString().slice(0, 200)}`);
  return answer;
}
