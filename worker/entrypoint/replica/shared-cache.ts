/** The data centre's cache, shared by its isolates, so that not each of them must call the distant object. */
import type { SharedCache } from "./shared-wall";

export const sharedCache: SharedCache = {
  async get(key) {
    const response = await caches.default.match(addressOf(key));
    return response ? response.text() : null;
  },

  async put(key, text, lifetimeMs) {
    const headers = { "Cache-Control": `max-age=${lifetimeMs / 1_000}` };
    await caches.default.put(addressOf(key), new Response(text, { headers }));
  },
};

/** The cache is keyed by URL; this one is never fetched. Raise the number when the format of the entries changes. */
function addressOf(key: string): string {
  return `https://sync.invalid/2/${encodeURIComponent(key)}`;
}
