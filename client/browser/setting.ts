/** A choice of the reader's, kept in this browser and shared by its tabs. */
import { Listeners } from "./listeners";
import { localStore } from "./storage";

export class Setting<T> {
  readonly #key: string;
  readonly #listeners = new Listeners();
  readonly #fallback: T;
  #value: T | undefined;

  constructor(name: string, fallback: T) {
    this.#key = `saywhatwant:${name}`;
    this.#fallback = fallback;
  }

  readonly snapshot = (): T => {
    this.#value ??= this.#stored();
    return this.#value;
  };

  /** What the server renders: it knows nobody's choice. */
  readonly serverSnapshot = (): T => this.#fallback;

  readonly subscribe = (listener: () => void): (() => void) => {
    const end = this.#listeners.subscribe(listener);
    // Fired in the other tabs only.
    const onStorage = ({ key }: StorageEvent) => {
      if (key !== this.#key) return;
      this.#value = this.#stored();
      listener();
    };
    window.addEventListener("storage", onStorage);
    return () => {
      end();
      window.removeEventListener("storage", onStorage);
    };
  };

  readonly set = (value: T): void => {
    this.#value = value;
    try {
      localStore()?.setItem(this.#key, JSON.stringify(value));
    } catch {
      // Full or forbidden: the choice lasts as long as the page.
    }
    this.#listeners.notify();
  };

  #stored(): T {
    try {
      const stored = localStore()?.getItem(this.#key);
      return stored ? JSON.parse(stored) : this.#fallback;
    } catch {
      return this.#fallback;
    }
  }
}
