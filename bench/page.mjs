// @ts-check
// `npm run bench:page [-- --loads N --json FILE --url URL]`: how heavy and how quick the built page is on
// a mid phone. Each load is a first visit by a new browser profile to a wall with a conversation on it; the
// long scroll is of a made-up wall. Figures that are over their budget are shown, not punished.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { parseArgs } from "node:util";
import { gzipSync } from "node:zlib";
import { chromium } from "@playwright/test";
import { findBrowser } from "../scripts/browser.mjs";
import { runCommand } from "../scripts/command.mjs";
import { ROOT } from "../scripts/paths.mjs";
import { endGroup, spawnNode } from "../scripts/process-group.mjs";
import { progress } from "../scripts/progress.mjs";
import { Refusal } from "../scripts/refusal.mjs";
import { say } from "../scripts/terminal.mjs";

const LOADS = 5;

/** A mid phone on a mid mobile network. */
const PHONE = {
  viewport: { width: 360, height: 740 },
  deviceScaleFactor: 2,
  isMobile: true,
  hasTouch: true,
};
const CPU_SLOWDOWN = 4;
const LATENCY_MS = 100;
const BYTES_PER_SECOND = 9_000_000 / 8;

/** As Next's own build report counts. */
const BYTES_PER_KB = 1_000;
/** What Next and React bring before a line of ours. */
const FRAMEWORK_KB = 103;
const BUDGET = {
  firstLoadKb: 125,
  ownKb: 22,
  lcpMs: 2_500,
  inpMs: 200,
  cls: 0.1,
  longestTaskMs: 50,
};

/** Scripts fetched this soon after the load event are part of the first load. */
const AFTER_LOAD_MS = 1_000;
/** Event Timing reports nothing shorter. */
const SHORTEST_EVENT_MS = 16;
/** Layout shifts this close, and no longer apart than this in all, are one (web.dev's session window). */
const SHIFT_GAP_MS = 1_000;
const SHIFT_WINDOW_MS = 5_000;
const KEY_DELAY_MS = 80;

const MESSAGES = 200;
const POSTS_AT_ONCE = 8;
const WALL_DEADLINE_MS = 180_000;
const POLL_MS = 200;

const SCROLLED_MESSAGES = 10_000;
const WINDOW_SIZE = 500;
const HISTORY_PAGE = 100;
const STORE = "aaaaaaaa";
const WHEEL_PX = 1_500;
/** Without a new message on top for this long, the reader is stuck there and goes down a little. */
const STUCK_MS = 1_000;
const NUDGE_PX = 200;
const SCROLL_DEADLINE_MS = 300_000;

/** What a given wall is taken to serve; another build may have taken its place since. */
const BUILT = path.join(ROOT, ".vercel", "output", "static");
const BOT_TOKEN = process.env.BOT_TOKEN || "bench-bot-token-0123456789abcdef";

/** @typedef {import("@playwright/test").Browser} Browser */
/** @typedef {import("@playwright/test").Page} Page */
/** @typedef {{ path: string, wireBytes: number, gzipBytes: number | null }} Script */
/** @typedef {{ at: number, value: number }} Shift */
/** @typedef {{ name: string, interaction: number, ms: number }} Interaction */
/** @typedef {{ at: number, ms: number }} Task */
/** @typedef {{ lcpMs: number, shifts: Shift[], interactions: Interaction[], tasks: Task[] }} Seen */
/** @typedef {Seen & { scripts: Script[], cls: number, inpMs: number }} Load */
/** @typedef {{ reached: number, stuck: number, seconds: number, tasks: Task[] }} Scroll */

runCommand(async () => {
  const { values } = parseArgs({
    options: {
      loads: { type: "string", default: String(LOADS) },
      json: { type: "string" },
      url: { type: "string" },
    },
  });
  const loads = Number(values.loads);
  if (!(loads >= 1)) throw new Refusal(`--loads must be at least 1, not “${values.loads}”.`);
  const executablePath = findBrowser();
  if (!executablePath) throw new Refusal("There is no Chromium here. Set CHROMIUM_PATH to one.");

  const wall = values.url
    ? { url: values.url, built: BUILT, end: async () => {} }
    : await startWall();
  // Chromium's sandbox can't be had as root, which containers are.
  const args = process.getuid?.() === 0 ? ["--no-sandbox", "--disable-gpu"] : ["--disable-gpu"];
  const browser = await chromium.launch({ executablePath, args });
  try {
    await converse(wall.url);
    const bar = progress(loads + 1);
    /** @type {Load[]} */
    const measured = [];
    while (measured.length < loads) {
      measured.push(await load(browser, wall));
      bar(measured.length, "loads");
    }
    const scroll = await scrollBack(browser, wall.url);
    bar(loads + 1, "scrolled");
    bar.end();
    report(measured, scroll);
    if (values.json) {
      const browserVersion = browser.version();
      const samples = { browserVersion, phone: PHONE, CPU_SLOWDOWN, LATENCY_MS, BYTES_PER_SECOND };
      writeFileSync(values.json, JSON.stringify({ ...samples, loads: measured, scroll }, null, 2));
    }
  } finally {
    await browser.close();
    await wall.end();
  }
});

/** A wall of its own on the built page; it is built first where its sources have changed. */
async function startWall() {
  const stateDir = mkdtempSync(path.join(tmpdir(), "saywhatwant-bench-"));
  const child = spawnNode([path.join(ROOT, "scripts", "start.mjs")], {
    env: { ...process.env, HOST: "127.0.0.1", PORT: "0", STATE_DIR: stateDir, BOT_TOKEN },
  });
  const end = async () => {
    await endGroup(child);
    rmSync(stateDir, { recursive: true, force: true });
  };
  let output = "";
  try {
    /** @type {string} */
    const url = await new Promise((resolve, reject) => {
      /** @param {string} why */
      const refuse = (why) => reject(new Refusal(`The wall ${why}:\n${output}`));
      const late = setTimeout(() => refuse("was not ready in time"), WALL_DEADLINE_MS);
      /** @param {Buffer} chunk */
      const read = (chunk) => {
        output += chunk;
        const ready = /^ready (\S+)$/m.exec(output);
        if (!ready?.[1]) return;
        clearTimeout(late);
        resolve(ready[1]);
      };
      child.stdout?.on("data", read);
      child.stderr?.on("data", read);
      child.once("close", () => {
        clearTimeout(late);
        refuse("ended before it was ready");
      });
    });
    // Its own copy of the build: the checkout may be built again meanwhile.
    return { url, built: path.join(stateDir, "page"), end };
  } catch (error) {
    await end();
    throw error;
  }
}

/**
 * Posts the conversation; a bot's token, since no person may write that fast.
 * @param {string} url
 */
async function converse(url) {
  const comments = `${url}/api/comments`;
  const headers = { "Content-Type": "application/json", Authorization: `Bearer ${BOT_TOKEN}` };
  let next = 0;
  const post = async () => {
    while (next < MESSAGES) {
      const body = JSON.stringify(draft(next++));
      const response = await fetch(comments, { method: "POST", headers, body });
      if (!response.ok) throw new Refusal(`A message was refused: ${await response.text()}`);
      await response.arrayBuffer();
    }
  };
  await Promise.all(Array.from({ length: POSTS_AT_ONCE }, post));
  const deadline = Date.now() + WALL_DEADLINE_MS;
  while ((await (await fetch(comments)).json()).comments.length < MESSAGES) {
    if (Date.now() > deadline) throw new Refusal("The conversation did not appear on the wall.");
    await delay(POLL_MS);
  }
}

/** @param {number} index */
function draft(index) {
  return { text: words(index), username: ["ada", "grace", "linus", "mary"][index % 4] };
}

/** @param {number} index */
function words(index) {
  const said = ["A short one.", "Look at https://example.com/a/page?of=mine", "🌙🌙", "Why not?"];
  const long = "A longer message that takes some lines on a narrow screen, as many do. ".repeat(3);
  return index % 5 === 4 ? long : `${said[index % 5]} ${index}`;
}

/**
 * A page as a phone opens it, with what the browser measures of itself collected from the start.
 * @param {Browser} browser
 * @param {{ serviceWorkers?: "allow" | "block" }} [options]
 */
async function openPhone(browser, options = {}) {
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
 * What was measured so far, once two more frames have been shown and reported.
 * @param {Page} page
 * @returns {Promise<Seen>}
 */
async function seenBy(page) {
  return page.evaluate(async () => {
    const frame = () => new Promise((shown) => requestAnimationFrame(shown));
    await frame();
    await frame();
    await new Promise((idle) => requestIdleCallback(idle));
    return /** @type {{ seen: Seen }} */ (/** @type {unknown} */ (globalThis)).seen;
  });
}

/**
 * A first visit: the page is read, a message is typed and sent, the search is opened and used.
 * @param {Browser} browser
 * @param {{ url: string, built: string }} wall
 * @returns {Promise<Load>}
 */
async function load(browser, { url, built }) {
  const { context, page, devtools } = await openPhone(browser);
  try {
    const scripts = watchScripts(devtools, built);
    await page.goto(url, { waitUntil: "load" });
    await delay(AFTER_LOAD_MS);
    const firstLoad = scripts();
    await page.getByRole("article").last().waitFor();
    await act(page);
    const seen = await seenBy(page);
    return { ...seen, scripts: firstLoad, cls: cls(seen.shifts), inpMs: inp(seen.interactions) };
  } finally {
    await context.close();
  }
}

/** @param {Page} page */
async function act(page) {
  const said = `measured at ${Date.now()}`;
  const composer = page.getByRole("textbox", { name: "Message" });
  await composer.tap();
  await page.keyboard.type(said, { delay: KEY_DELAY_MS });
  // On touch Enter breaks the line.
  await page.getByRole("button", { name: "Send" }).tap();
  await page.getByRole("article").filter({ hasText: said }).waitFor();
  await page.getByRole("button", { name: "Search" }).tap();
  await page.getByRole("searchbox").waitFor();
  await page.keyboard.type("longer", { delay: KEY_DELAY_MS });
}

/**
 * @param {import("@playwright/test").CDPSession} devtools
 * @param {string} built the directory of the page's files
 * @returns {() => Script[]} those that have come so far
 */
function watchScripts(devtools, built) {
  /** @type {Map<string, string>} paths by request */
  const paths = new Map();
  /** @type {Map<string, number>} bytes by path: one that was preloaded is answered twice, but comes once */
  const wireBytes = new Map();
  devtools.on("Network.responseReceived", ({ requestId, type, response }) => {
    if (type === "Script") paths.set(requestId, new URL(response.url).pathname);
  });
  devtools.on("Network.loadingFinished", ({ requestId, encodedDataLength }) => {
    const script = paths.get(requestId);
    if (script === undefined) return;
    wireBytes.set(script, Math.max(wireBytes.get(script) ?? 0, encodedDataLength));
  });
  return () =>
    [...wireBytes].map(([script, bytes]) => ({
      path: script,
      wireBytes: bytes,
      gzipBytes: gzipBytesOf(path.join(built, decodeURIComponent(script))),
    }));
}

/** @param {string} file `null` where there is none */
function gzipBytesOf(file) {
  try {
    return gzipSync(readFileSync(file)).length;
  } catch {
    return null;
  }
}

/** @param {Shift[]} shifts in the order of time */
function cls(shifts) {
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
 * The slowest: of so few interactions none is left out.
 * @param {Interaction[]} interactions
 */
function inp(interactions) {
  return Math.max(SHORTEST_EVENT_MS, ...interactions.map(({ ms }) => ms));
}

/**
 * The whole of a long wall, from its newest message to its first, by the wheel.
 * @param {Browser} browser
 * @param {string} url
 * @returns {Promise<Scroll>}
 */
async function scrollBack(browser, url) {
  // A page under a service worker would ask it, not us.
  const { context, page } = await openPhone(browser, { serviceWorkers: "block" });
  try {
    await madeUpWall(page);
    await page.goto(url, { waitUntil: "load" });
    await page.getByRole("article").last().waitFor();
    await page.locator("main").hover();
    const earlierTasks = (await seenBy(page)).tasks.length;
    const began = performance.now();
    let [top, stuck, movedAt] = [SCROLLED_MESSAGES, 0, began];
    while (top > 1 && performance.now() - began < SCROLL_DEADLINE_MS) {
      await page.mouse.wheel(0, -WHEEL_PX);
      const before = top;
      top = (await topMessage(page)) || top;
      if (top !== before) movedAt = performance.now();
      else if (performance.now() - movedAt > STUCK_MS) {
        stuck += 1;
        movedAt = performance.now();
        await page.mouse.wheel(0, NUDGE_PX);
        await topMessage(page);
      }
    }
    const tasks = (await seenBy(page)).tasks.slice(earlierTasks);
    return {
      reached: SCROLLED_MESSAGES - top + 1,
      stuck,
      seconds: (performance.now() - began) / 1_000,
      tasks,
    };
  } finally {
    await context.close();
  }
}

/**
 * The number of the uppermost message that the page holds, a frame later; `NaN` while it holds none.
 * @param {Page} page
 */
async function topMessage(page) {
  return page.evaluate(async () => {
    await new Promise((shown) => requestAnimationFrame(shown));
    const text = document.querySelector("main article")?.textContent ?? "";
    return Number(/number (\d+)\./.exec(text)?.[1] ?? Number.NaN);
  });
}

/**
 * A wall that the page's reads get from here: a message each minute, the newest a minute old.
 * @param {Page} page
 */
async function madeUpWall(page) {
  const step = 60_000;
  const start = Date.now() - SCROLLED_MESSAGES * step;
  /** @param {number} index */
  const comment = (index) => ({
    id: `${start + index * step}-${"0".repeat(10)}`,
    timestamp: start + index * step,
    text: `${words(index)} number ${index + 1}.`,
    username: ["ada", "grace", "linus", "mary"][Math.floor(index / 3) % 4],
    color: "#55c2f5",
    type: "human",
    botParams: { processed: false },
  });
  /**
   * Newest first.
   * @param {number} end
   * @param {number} count
   */
  const up = (end, count) =>
    Array.from({ length: Math.min(end, count) }, (_, back) => comment(end - 1 - back));
  /** @param {URLSearchParams} query */
  const answer = (query) => {
    const before = query.get("before");
    if (before === null)
      return { comments: query.has("since") ? [] : up(SCROLLED_MESSAGES, WINDOW_SIZE) };
    const end = Math.round((Number(before.slice(0, 13)) - start) / step);
    const comments = up(end, HISTORY_PAGE);
    return { comments, nextBefore: end > HISTORY_PAGE ? comments.at(-1)?.id : null };
  };
  const cursor = `${STORE}.${SCROLLED_MESSAGES}`;
  await page.route("**/api/comments*", (route) => {
    const { searchParams } = new URL(route.request().url());
    const core = { removed: [], cursor, rebuiltAt: Date.now(), gap: false };
    return route.fulfill({ json: { ...core, ...answer(searchParams) } });
  });
}

/**
 * @param {Load[]} loads
 * @param {Scroll} scroll
 */
function report(loads, scroll) {
  /** @param {(script: Script) => number} bytes */
  const kilobytes = (bytes) =>
    loads.map(({ scripts }) => scripts.reduce((sum, one) => sum + bytes(one), 0) / BYTES_PER_KB);
  const onWire = kilobytes(({ wireBytes }) => wireBytes);
  const gzipped = kilobytes(({ gzipBytes, wireBytes }) => gzipBytes ?? wireBytes);
  const own = gzipped.map((all) => all - FRAMEWORK_KB);
  const lcps = loads.map(({ lcpMs }) => lcpMs);
  const inps = loads.map(({ inpMs }) => inpMs);
  const shifts = loads.map((one) => one.cls);
  const longest = [Math.max(0, ...scroll.tasks.map(({ ms }) => ms))];

  say("| figure | median | min–max | budget | |");
  say("| --- | --- | --- | --- | --- |");
  row("first-load JavaScript, files gzipped here", gzipped, BUDGET.firstLoadKb, "KB");
  row("first-load JavaScript, as it came over the wire", onWire, null, "KB");
  row(`beyond Next and React (${FRAMEWORK_KB} KB), gzipped`, own, BUDGET.ownKb, "KB");
  row("LCP", lcps, BUDGET.lcpMs, "ms");
  row(`INP (${SHORTEST_EVENT_MS} ms: or less)`, inps, BUDGET.inpMs, "ms");
  row("CLS", shifts, BUDGET.cls, "");
  row(
    `longest task, scrolled over ${scroll.reached} messages`,
    longest,
    BUDGET.longestTaskMs,
    "ms",
  );
  const tasks = scroll.tasks.length;
  say("");
  say(
    `Scrolled over ${scroll.reached} of ${SCROLLED_MESSAGES} messages in ${scroll.seconds.toFixed(0)} s; ${tasks} tasks over 50 ms, stuck ${scroll.stuck} times.`,
  );
  say("Scripts of the first load, gzipped / over the wire:");
  for (const { path: script, gzipBytes, wireBytes } of loads[0]?.scripts ?? [])
    say(`  ${gzipBytes ?? "no such file"} / ${wireBytes}  ${script}`);
}

/**
 * @param {string} figure
 * @param {number[]} samples
 * @param {number | null} budget `null`: for comparison only
 * @param {string} unit
 */
function row(figure, samples, budget, unit) {
  const sorted = [...samples].sort((a, b) => a - b);
  const median = sorted[Math.floor(sorted.length / 2)] ?? 0;
  /** @param {number} value */
  const shown = (value) => (unit === "" ? value.toFixed(3) : `${value.toFixed(1)} ${unit}`);
  const range = `${shown(sorted[0] ?? 0)} – ${shown(sorted.at(-1) ?? 0)}`;
  const verdict = budget === null ? "" : median <= budget ? "ok" : "over";
  const limit = budget === null ? "" : `${budget} ${unit}`.trim();
  say(`| ${figure} | ${shown(median)} | ${range} | ${limit} | ${verdict} |`);
}
