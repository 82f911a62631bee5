/**
 * Keeps the page and its assets in this browser, so that a return visit opens without a network.
 * The messages are not its business: the page keeps those itself.
 */
const CACHE = "saywhatwant";
const PAGE = "/";
/** Their names change with their content, so what is kept under them is right for good. */
const ASSET = /^\/_next\/static\//;
/** Their names stay: what is kept of them is for when the network is not there. */
const LASTING = [PAGE, "/favicon.svg", "/manifest.webmanifest"];

/** Assets of several builds; the oldest go, but never those of the page that is open. */
const ASSETS_MAX = 80;

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

self.addEventListener("fetch", (event) => {
  const { method, url } = event.request;
  const { origin, pathname } = new URL(url);
  if (method !== "GET" || origin !== self.location.origin) return;
  if (LASTING.includes(pathname)) event.respondWith(lasting(event, pathname));
  else if (ASSET.test(pathname)) event.respondWith(asset(event));
});

/** A page may have loaded before this worker could see it, so it says what it is made of. */
self.addEventListener("message", (event) => {
  const paths = Array.isArray(event.data?.keep) ? event.data.keep : [];
  const wanted = paths.filter((path) => LASTING.includes(path) || ASSET.test(path));
  if (wanted.length > 0) event.waitUntil(keepAll(wanted).catch(() => {}));
});

/** Kept by its path alone: what the page's query asks for is the page's business. */
async function lasting(event, pathname) {
  try {
    const answer = await fetch(event.request);
    if (answer.ok) event.waitUntil(put(pathname, answer.clone()));
    return answer;
  } catch (error) {
    const kept = await find(pathname);
    if (kept) return kept;
    throw error;
  }
}

async function asset(event) {
  const kept = await find(event.request);
  if (kept) return kept;
  const answer = await fetch(event.request);
  if (answer.status === 200) event.waitUntil(put(event.request, answer.clone()));
  return answer;
}

async function keepAll(paths) {
  const cache = await caches.open(CACHE);
  await Promise.allSettled(paths.map(async (path) => (await find(path)) ?? cache.add(path)));
  const kept = await cache.keys();
  const old = kept.filter(({ url }) => ![PAGE, ...paths].includes(new URL(url).pathname));
  const excess = Math.max(0, kept.length - ASSETS_MAX);
  await Promise.all(old.slice(0, excess).map((request) => cache.delete(request)));
}

/** A browser that refuses to keep anything still gets its pages. */
function find(request) {
  return caches.match(request, { cacheName: CACHE, ignoreVary: true }).catch(() => undefined);
}

async function put(request, answer) {
  const cache = await caches.open(CACHE).catch(() => null);
  await cache?.put(request, answer).catch(() => {});
}
