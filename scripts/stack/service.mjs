// @ts-check
import http from "node:http";
import { setTimeout as delay } from "node:timers/promises";
import { endGroup, exited, killGroup } from "../command/process-group.mjs";
import { Refusal } from "../command/refusal.mjs";

const RESTARTS_A_MINUTE = 5;
const MINUTE_MS = 60_000;

/**
 * Probes find a process that runs but does not answer: `misses` in a row without an answer within
 * `deadlineMs`, `intervalMs` apart. On a busy machine an answer may take many seconds, and a
 * restart would add to the load; hence half a minute. The interval is well below the 5 s after which
 * the runtime closes an idle connection: wrangler ends when it forwards a request on one that is just
 * being closed, and probes keep it in use. `restartPauseMs` precedes each further restart once a
 * minute has had its number of them.
 */
const PATIENCE = { intervalMs: 2_000, deadlineMs: 10_000, misses: 3, restartPauseMs: 10_000 };

/** @typedef {{ host: string, port: number }} Address */

/** A wrangler process that is restarted if it dies by itself or stops answering. */
export class Service {
  /** Its address; null until it serves. @type {Address | null} */
  address = null;
  /** @type {number | null} */
  pid = null;
  #title;
  #launch;
  #onChange;
  #probe;
  #patience;
  /** @type {import("node:child_process").ChildProcess | null} */
  #child = null;
  /** @type {number[]} */
  #deaths = [];
  #hasServed = false;
  #stop = new AbortController();

  /**
   * @param {string} title
   * @param {() => import("node:child_process").ChildProcess} launch
   * @param {object} options
   * @param {() => void} options.onChange the pid or address has changed
   * @param {(error: Error) => void} options.onGiveUp it keeps dying and has never served
   * @param {string | null} [options.probe] the path of a request that any healthy process answers at once;
   *   null: no probes, as required under a debugger
   * @param {typeof PATIENCE} [options.patience]
   */
  constructor(title, launch, { onChange, onGiveUp, probe = null, patience = PATIENCE }) {
    this.#title = title;
    this.#launch = launch;
    this.#onChange = onChange;
    this.#probe = probe;
    this.#patience = patience;
    this.#run().catch(onGiveUp);
  }

  async stop() {
    this.#stop.abort();
    if (this.#child) await endGroup(this.#child);
  }

  async #run() {
    while (!this.#stop.signal.aborted) {
      const child = this.#launch();
      this.#child = child;
      this.#become(child.pid ?? null, null);
      child.on("message", (message) => {
        const { event, ip, port } = JSON.parse(String(message));
        if (event !== "DEV_SERVER_READY") return;
        this.#hasServed = true;
        this.#become(this.pid, { host: ip, port });
      });
      const gone = new AbortController();
      const watch = this.#endWhenSilent(child, gone.signal);
      await exited(child);
      gone.abort();
      await watch;
      this.#become(null, null);
      await this.#countDeath();
    }
  }

  /**
   * @param {number | null} pid
   * @param {Address | null} address
   */
  #become(pid, address) {
    this.pid = pid;
    this.address = address;
    this.#onChange();
  }

  /**
   * @param {import("node:child_process").ChildProcess} child
   * @param {AbortSignal} gone
   */
  async #endWhenSilent(child, gone) {
    if (this.#probe === null) return;
    const { intervalMs, deadlineMs, misses } = this.#patience;
    for (let missed = 0; missed < misses; ) {
      await delay(intervalMs, null, { signal: gone }).catch(() => {});
      if (gone.aborted) return;
      // It is still starting, which may take minutes on a busy machine.
      if (!this.address) continue;
      missed = (await answers(this.address, this.#probe, deadlineMs)) ? 0 : missed + 1;
    }
    if (gone.aborted) return;
    process.stderr.write(`${this.#title} does not answer; restarting it.\n`);
    killGroup(child);
  }

  /**
   * A process that has served before may die of a temporary problem, such as a full disk: it is
   * restarted forever, with pauses.
   * @throws {Refusal} if it has never served, so that restarting it is pointless
   */
  async #countDeath() {
    if (this.#stop.signal.aborted) return;
    const now = Date.now();
    this.#deaths = [...this.#deaths.filter((at) => now - at < MINUTE_MS), now];
    if (this.#deaths.length <= RESTARTS_A_MINUTE) return;
    if (!this.#hasServed)
      throw new Refusal(`${this.#title} died ${this.#deaths.length} times within a minute.`);
    await delay(this.#patience.restartPauseMs, null, { signal: this.#stop.signal }).catch(() => {});
  }
}

/**
 * Whether it answers in time. A refusal is an answer too; an error of the runtime is not.
 * @param {Address} address
 * @param {string} path
 * @param {number} deadlineMs
 * @returns {Promise<boolean>}
 */
function answers(address, path, deadlineMs) {
  return new Promise((resolve) => {
    const request = http.get(
      { ...address, path, agent: false, signal: AbortSignal.timeout(deadlineMs) },
      (response) => {
        response.resume();
        response.on("end", () => resolve((response.statusCode ?? 500) < 500));
        response.on("error", () => resolve(false));
      },
    );
    request.on("error", () => resolve(false));
  });
}
