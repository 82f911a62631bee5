/** The data centre's cache, between the isolates there and the one object far away. */
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

/** The cache is keyed by address; this one is never fetched. The number goes up with the form of what is kept. */
function addressOf(key: string): string {
  return `https://sync.invalid/2/${encodeURIComponent(key)}`;
}
