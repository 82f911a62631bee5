import { Listeners } from "./listeners";

/** Part of a module that is loaded when it is first needed. */
export class LazyValue<Value> {
  readonly #import: () => Promise<Value>;
  readonly #listeners = new Listeners();
  #value: Value | undefined;
  #isAsked = false;

  constructor(load: () => Promise<Value>) {
    this.#import = load;
  }

  /** `undefined` until it is loaded. */
  readonly current = (): Value | undefined => this.#value;

  readonly subscribe = this.#listeners.subscribe;

  load(): void {
    if (this.#isAsked) return;
    this.#isAsked = true;
    this.#import().then(
      (value) => {
        this.#value = value;
        this.#listeners.notify();
      },
      () => {
        // Probably offline: the next call tries again.
        this.#isAsked = false;
      },
    );
  }
}
