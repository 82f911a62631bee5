/** Wraps the test environment's KV: counts its operations, and misbehaves as production's can, on demand. */
import type { KvBinding } from "#worker/ledger/kv";
import { env } from "./wall";

const KV = env.LEDGER_KV as unknown as KvBinding;

export function countingKv(kv: KvBinding = KV) {
  const counts = { list: 0, get: 0, put: 0 };
  const wrapped = {
    counts,
    /** While true, each operation fails. */
    failing: false,
    /** The most keys that one list returns. */
    listMaxKeys: 1_000,
    /** Keys that lists leave out. */
    unlisted: new Set<string>(),
    /** Stale values that reads return; `null` for a missing key. */
    stale: new Map<string, string | null>(),
    /** List cursors that are rejected. */
    refusedCursors: new Set<string>(),

    async put(key: string, value: string) {
      counts.put += 1;
      if (wrapped.failing) throw new Error("KV PUT failed: 500");
      await kv.put(key, value);
    },

    async get(keys: string | string[]) {
      counts.get += 1;
      if (wrapped.failing) throw new Error("KV GET failed: 500");
      const values = await kv.get(keys as string[]);
      for (const [key, value] of wrapped.stale) if (keys.includes(key)) values.set(key, value);
      return values;
    },

    async list(options: { prefix: string; cursor?: string | null }) {
      counts.list += 1;
      if (wrapped.failing) throw new Error("KV LIST failed: 500");
      if (wrapped.refusedCursors.has(options.cursor ?? ""))
        throw new Error("KV GET failed: 400 Bad Request");
      const page = await kv.list({ ...options, limit: wrapped.listMaxKeys });
      return { ...page, keys: page.keys.filter(({ name }) => !wrapped.unlisted.has(name)) };
    },

    reset: () => Object.assign(counts, { list: 0, get: 0, put: 0 }),
  };
  return wrapped as typeof wrapped & KvBinding;
}
