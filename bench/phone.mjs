// @ts-check
// A page opened by a mid phone on a mid network, and the browser's own measurements of it.

/** A mid phone on a mid mobile network. */
export const PHONE = {
  viewport: { width: 360, height: 740 },
  deviceScaleFactor: 2,
  isMobile: true,
  hasTouch: true,
};
/** Larger than the browser's own bars in a window. */
const BARS_PX = 200;
export const CPU_SLOWDOWN = 4;
export const LATENCY_MS = 100;
export const BYTES_PER_SECOND = 9_000_000 / 8;

/** Event Timing reports no shorter events. */
export const SHORTEST_EVENT_MS = 16;
/**
 * Layout shifts within these gaps and this total length count as one (web.dev's session window).
 */
const SHIFT_GAP_MS = 1_000;
const SHIFT_WINDOW_MS = 5_000;

/** @typedef {import("@playwright/test").Browser} Browser */
/** @typedef {import("@playwright/test").Page} Page */
/** @typedef {{ at: number, value: number }} Shift */
/** @typedef {{ name: string, interaction: number, ms: number }} Interaction */
/** @typedef {{ at: number, ms: number }} Task */
/** @typedef {{ lcpMs: number, shifts: Shift[], interactions: Interaction[], tasks: Task[] }} Seen */

/**
 * A page as a phone opens it; collects the browser's measurements from the start.
 * @param {Browser} browser
 * @param {{ serviceWorkers?: "allow" | "block" }} [options]
 */
export async function openPhone(browser, options = {}) {
  const context = await browser.newContext({ ...PHONE, ...options });
  const page = await context.newPage();
  await page.addInitScript(observe);
  const devtools = await context.newCDPSession(page);
  await devtools.send("Network.enable");
  await devtools.send("Network.emulateNetworkConditions", {
    offline: false,
    latency: LATENCY_MS,
    downloadThroughput: BYTES_PER_SECOND,
    uploadThroughput: BYTES_PER_SECOND,
  });
  // The window is made as high as the page, and its bars then cover the bottom of the page: typed
  // text is never painted there, and a key would count as unanswered until something else on the
  // page changes.
  const { windowId, bounds } = await devtools.send("Browser.getWindowForTarget");
  const height = PHONE.viewport.height + BARS_PX;
  await devtools.send("Browser.setWindowBounds", {
    windowId,
    bounds: { width: bounds.width, height },
  });
  await devtools.send("Emulation.setCPUThrottlingRate", { rate: CPU_SLOWDOWN });
  return { context, page, devtools };
}

/** Runs in the page, before its own scripts. */
function observe() {
  /** @type {Seen} */
  const seen = { lcpMs: 0, shifts: [], interactions: [], tasks: [] };
  Object.assign(globalThis, { seen });
  /**
   * @param {string} type
   * @param {(entry: any) => void} keep
   * @param {object} [options]
   */
  const on = (type, keep, options) => {
    const observer = new PerformanceObserver((list) => list.getEntries().forEach(keep));
    observer.observe({ type, buffered: true, ...options });
  };
  on("largest-contentful-paint", ({ startTime }) => {
    seen.lcpMs = startTime;
  });
  on("layout-shift", ({ startTime, value, hadRecentInput }) => {
    if (!hadRecentInput) seen.shifts.push({ at: startTime, value });
  });
  on(
    "event",
    ({ name, interactionId, duration }) => {
      if (interactionId) seen.interactions.push({ name, interaction: interactionId, ms: duration });
    },
    { durationThreshold: 16 },
  );
  on("longtask", ({ startTime, duration }) => seen.tasks.push({ at: startTime, ms: duration }));
}

/**
 * The measurements so far, after two more frames have been painted and reported.
 * @param {Page} page
 * @returns {Promise<Seen>}
 */
export async function seenBy(page) {
  return page.evaluate(async () => {
    const frame = () => new Promise((shown) => requestAnimationFrame(shown));
    await frame();
    await frame();
    await new Promise((idle) => requestIdleCallback(idle));
    return /** @type {{ seen: Seen }} */ (/** @type {unknown} */ (globalThis)).seen;
  });
}

/** @param {Shift[]} shifts in the order of time */
export function cls(shifts) {
  let [worst, sum, began, last] = [0, 0, 0, 0];
  for (const { at, value } of shifts) {
    if (at - last > SHIFT_GAP_MS || at - began > SHIFT_WINDOW_MS) [sum, began] = [0, at];
    sum += value;
    last = at;
    worst = Math.max(worst, sum);
  }
  return worst;
}

/**
 * The slowest: with so few interactions none is excluded.
 * @param {Interaction[]} interactions
 */
export function inp(interactions) {
  return Math.max(SHORTEST_EVENT_MS, ...interactions.map(({ ms }) => ms));
}
