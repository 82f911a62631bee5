/**
 * Caches the page and its assets, so that a return visit works offline. Messages are not cached
 * here: the page stores them itself.
 */
const CACHE = "saywhatwant";
const PAGE = "/";
/** Names contain a content hash, so cached copies never go stale. */
const ASSET = /^\/_next\/static\//;
/** Names without a hash: the network comes first, and cached copies are used only offline. */
const LASTING = [PAGE, "/favicon.svg", "/manifest.webmanifest"];

/**
 * Limit of cached assets, from several builds. The oldest are evicted, but never those of the open
 * page.
 */
const ASSETS_MAX = 80;

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

self.addEventListener("fetch", (event) => {
  const { method, url } = event.request;
  const pathname = ownPath(url);
  if (method !== "GET" || pathname === null) return;
  if (LASTING.includes(pathname)) event.respondWith(lasting(event, pathname));
  else if (isAsset(pathname)) event.respondWith(asset(event));
});

/** A page may have loaded before this worker took control, so it lists the files it uses. */
self.addEventListener("message", (event) => {
  const listed = Array.isArray(event.data?.keep) ? event.data.keep : [];
  const paths = listed.map((path) => (typeof path === "string" ? ownPath(path) : null));
  const wanted = paths.filter((path) => path !== null && (LASTING.includes(path) || isAsset(path)));
  if (wanted.length > 0) event.waitUntil(keepAll(wanted).catch(() => {}));
});

/** The path of an address of this origin, without dot segments; `null` for other addresses. */
function ownPath(address) {
  try {
    const { origin, pathname } = new URL(address, self.location.origin);
    return origin === self.location.origin ? pathname : null;
  } catch {
    return null;
  }
}

/** A server may decode a slash only after the browser has resolved the dots before it. */
function isAsset(pathname) {
  return ASSET.test(pathname) && !/%(2f|5c)/i.test(pathname);
}

/** Cached by path alone: the query only matters to the page. */
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

/** A browser that blocks the cache still gets its pages from the network. */
function find(request) {
  return caches.match(request, { cacheName: CACHE, ignoreVary: true }).catch(() => undefined);
}

async function put(request, answer) {
  const cache = await caches.open(CACHE).catch(() => null);
  await cache?.put(request, answer).catch(() => {});
}
