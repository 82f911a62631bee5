/** The output gate: requests leave an object only once its earlier writes are durable, and never once it is dead. */
import type { SimKvBinding } from "./kv";
import type { StorageHandle } from "./storage";

export interface GateEvents {
  list: () => void;
  read: (keys: readonly string[]) => void;
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
    get: ((keys: string | string[]) => {
      if (typeof keys !== "string") events.read(keys);
      return through<unknown>(() => kv.get(keys as string[]));
    }) as SimKvBinding["get"],
    delete: (key) => through(() => kv.delete(key)),
    list: (options) => {
      events.list();
      return through(() => kv.list(options));
    },
  };
}
