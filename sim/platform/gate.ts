/** The output gate: requests leave an object only once its earlier writes are durable, and never once it is dead. */
import type { SimKvBinding } from "./kv";
import type { StorageHandle } from "./storage";

export interface GateEvents {
  list: () => void;
  /** Several keys were read; `found` are those with a value. */
  read: (keys: readonly string[], found: readonly string[]) => void;
  put: (key: string, value: string) => void;
  /** Between request and answer: the object may die here. */
  waiting: () => void;
}

export function gated(kv: SimKvBinding, handle: StorageHandle, events: GateEvents): SimKvBinding {
  const never = new Promise<never>(() => {});
  const through = async <T>(ask: () => Promise<T>): Promise<T> => {
    await handle.flushed();
    if (handle.superseded) await never;
    events.waiting();
    const answer = await ask().catch((error) =>
      handle.superseded ? never : Promise.reject(error),
    );
    events.waiting();
    if (handle.superseded) await never;
    return answer;
  };
  return {
    put: (key, value, ...options) => {
      if (!handle.superseded) events.put(key, value);
      return through(() => kv.put(key, value, ...options));
    },
    get: (async (keys: string | string[]) => {
      if (typeof keys === "string") return through(() => kv.get(keys));
      const values = await through(() => kv.get(keys));
      events.read(
        keys,
        keys.filter((key) => values.get(key) !== null),
      );
      return values;
    }) as SimKvBinding["get"],
    delete: (key) => through(() => kv.delete(key)),
    list: (options) => {
      events.list();
      return through(() => kv.list(options));
    },
  };
}
