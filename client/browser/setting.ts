/** A reader's setting, stored in this browser and shared by its tabs. */
import { Listeners } from "./listeners";
import { localStore } from "./storage";

export class Setting<T> {
  readonly #key: string;
  readonly #listeners = new Listeners();
  readonly #fallback: T;
  readonly #read: (stored: unknown) => T;
  #value: T | undefined;

  /** `read` checks a stored value, which another release or another page may have written. */
  constructor(name: string, fallback: T, read: (stored: unknown) => T) {
    this.#key = `saywhatwant:${name}`;
    this.#fallback = fallback;
    this.#read = read;
  }

  readonly snapshot = (): T => {
    this.#value ??= this.#stored();
    return this.#value;
  };

  /** The server doesn't know the reader's choice and renders the default. */
  readonly serverSnapshot = (): T => this.#fallback;

  readonly subscribe = (listener: () => void): (() => void) => {
    const end = this.#listeners.subscribe(listener);
    // The browser fires this event in the other tabs only.
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
      // Storage is full or blocked: the choice lasts until the page is closed.
    }
    this.#listeners.notify();
  };

  #stored(): T {
    try {
      const stored = localStore()?.getItem(this.#key);
      return stored ? this.#read(JSON.parse(stored)) : this.#fallback;
    } catch {
      return this.#fallback;
    }
  }
}
