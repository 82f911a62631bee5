/** The data centre's cache, between the isolates there and the one object far away. */
import type { SharedCache } from "./refresher";

const LIFETIME_S = 1;

export const sharedCache: SharedCache = {
  async get(key) {
    const response = await caches.default.match(addressOf(key));
    return response ? response.text() : null;
  },

  async put(key, text) {
    const headers = { "Cache-Control": `max-age=${LIFETIME_S}` };
    await caches.default.put(addressOf(key), new Response(text, { headers }));
  },
};

/** The cache is keyed by address; this one is never fetched. */
function addressOf(key: string): string {
  return `https://sync.invalid/${encodeURIComponent(key)}`;
}
