// @ts-check

/**
 * Limits the number of running tasks. The others wait, and clients take turns: a client with
 * thousands of tasks delays another by one of them, not by all.
 */
export class Turns {
  #free;
  /** @type {Map<unknown, Set<() => void>>} */
  #queues = new Map();

  /** @param {number} atOnce */
  constructor(atOnce) {
    this.#free = atOnce;
  }

  /**
   * @param {unknown} client
   * @param {() => void} start called at once if there is room
   * @returns {() => void} call it when the task has ended or need not start; repeated calls do nothing
   */
  take(client, start) {
    let taken = false;
    let ended = false;
    const begin = () => {
      taken = true;
      start();
    };
    const queue = this.#queues.get(client) ?? new Set();
    queue.add(begin);
    this.#queues.set(client, queue);
    this.#next();
    return () => {
      if (ended) return;
      ended = true;
      if (taken) this.#free += 1;
      else queue.delete(begin);
      this.#next();
    };
  }

  #next() {
    for (const [client, queue] of this.#queues) {
      if (this.#free === 0) return;
      this.#queues.delete(client);
      const [begin] = queue;
      if (!begin) continue;
      queue.delete(begin);
      // Behind the others.
      this.#queues.set(client, queue);
      this.#free -= 1;
      begin();
    }
  }
}
