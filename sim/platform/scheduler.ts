/** Virtual time: events run in the order of their times, and all their effects settle before time advances. */

interface Event {
  at: number;
  order: number;
  run: () => void;
  /** The event does not run once this is aborted. */
  signal: AbortSignal | undefined;
}

export class Scheduler {
  #now: number;
  #order = 0;
  /** A binary heap by time, then by order of scheduling. */
  readonly #heap: Event[] = [];

  constructor(start: number) {
    this.#now = start;
  }

  get now(): number {
    return this.#now;
  }

  after(ms: number, run: () => void, signal?: AbortSignal): void {
    this.#push({ at: this.#now + Math.max(0, ms), order: this.#order++, run, signal });
  }

  /** Resolves after `ms`; never once `signal` is aborted. */
  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve) => this.after(ms, resolve, signal));
  }

  /** Runs everything that is due up to `end`. */
  async runUntil(end: number): Promise<void> {
    for (let event = this.#heap[0]; event && event.at <= end; event = this.#heap[0]) {
      this.#pop();
      if (event.signal?.aborted) continue;
      this.#now = event.at;
      event.run();
      await settled();
    }
    this.#now = end;
  }

  #push(event: Event): void {
    const heap = this.#heap;
    let index = heap.push(event) - 1;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (!isBefore(event, heap[parent] as Event)) break;
      heap[index] = heap[parent] as Event;
      index = parent;
    }
    heap[index] = event;
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop() as Event;
    if (heap.length === 0) return;
    let index = 0;
    for (;;) {
      let child = 2 * index + 1;
      if (child >= heap.length) break;
      const right = heap[child + 1];
      if (right && isBefore(right, heap[child] as Event)) child += 1;
      if (!isBefore(heap[child] as Event, last)) break;
      heap[index] = heap[child] as Event;
      index = child;
    }
    heap[index] = last;
  }
}

function isBefore(a: Event, b: Event): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order);
}

/**
 * Resolves when no promise can make progress: nothing in the simulation waits for real events. Node runs the next
 * tick once no microtask is left, without a turn of the event loop.
 */
function settled(): Promise<void> {
  return new Promise((resolve) => process.nextTick(resolve));
}
