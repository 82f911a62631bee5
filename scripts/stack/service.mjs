// @ts-check
import { endGroup, exited } from "../command/process-group.mjs";
import { Refusal } from "../command/refusal.mjs";

const RESTARTS_A_MINUTE = 5;
const MINUTE_MS = 60_000;

/** @typedef {{ host: string, port: number }} Address */

/** A wrangler process that is started again when it dies by itself. */
export class Service {
  /** Where it serves; null until it does. @type {Address | null} */
  address = null;
  /** @type {number | null} */
  pid = null;
  #title;
  #launch;
  #onChange;
  /** @type {import("node:child_process").ChildProcess | null} */
  #child = null;
  /** @type {number[]} */
  #deaths = [];
  #stopped = false;

  /**
   * @param {string} title
   * @param {() => import("node:child_process").ChildProcess} launch
   * @param {{ onChange: () => void, onGiveUp: (error: Error) => void }} events
   */
  constructor(title, launch, { onChange, onGiveUp }) {
    this.#title = title;
    this.#launch = launch;
    this.#onChange = onChange;
    this.#run().catch(onGiveUp);
  }

  async stop() {
    this.#stopped = true;
    if (this.#child) await endGroup(this.#child);
  }

  async #run() {
    while (!this.#stopped) {
      const child = this.#launch();
      this.#child = child;
      this.#become(child.pid ?? null, null);
      child.on("message", (message) => {
        const { event, ip, port } = JSON.parse(String(message));
        if (event === "DEV_SERVER_READY") this.#become(this.pid, { host: ip, port });
      });
      await exited(child);
      this.#become(null, null);
      if (!this.#stopped) this.#countDeath();
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

  #countDeath() {
    const now = Date.now();
    this.#deaths = [...this.#deaths.filter((at) => now - at < MINUTE_MS), now];
    if (this.#deaths.length > RESTARTS_A_MINUTE) {
      throw new Refusal(`${this.#title} died ${this.#deaths.length} times within a minute.`);
    }
  }
}
