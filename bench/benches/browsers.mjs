// @ts-check
// Two browsers on one wall, through the whole chain: from Enter in one to the message on the screen of the other.
import { setTimeout as delay } from "node:timers/promises";
import { scratchDirectory } from "../../scripts/command/scratch.mjs";
import { percentile } from "../../scripts/command/statistics.mjs";
import { launchBrowser } from "../../scripts/test/browser.mjs";
import { startWall } from "../../scripts/trial/wall.mjs";

const MESSAGES = { quick: 20, full: 60 };
/** One address may post 20 messages a minute. */
const GAP_MS = 3_200;
const SHOWN_WITHIN_MS = 30_000;

/** @typedef {import("@playwright/test").Browser} Browser */
/** @typedef {import("@playwright/test").Page} Page */

/**
 * @param {import("../report.mjs").Context} context
 * @returns {Promise<import("../report.mjs").Report>}
 */
export async function run({ full, ledger, done }) {
  const count = full ? MESSAGES.full : MESSAGES.quick;
  const wall = await startWall(scratchDirectory("bench"), { ledger });
  /** @type {Browser[]} */
  const browsers = [];
  try {
    browsers.push(await launchBrowser(), await launchBrowser());
    const [writer, reader] = await Promise.all(browsers.map((each) => openLive(each, wall.url)));
    if (!writer || !reader) throw new Error("no pages");
    /** @type {number[]} */
    const own = [];
    /** @type {number[]} */
    const others = [];
    for (let sent = 0; sent < count; sent += 1) {
      done(sent / count, "messages");
      const text = `measured ${sent} of ${count}`;
      const shown = [shownAt(writer, text), shownAt(reader, text)];
      const box = writer.getByRole("textbox", { name: "Message", exact: true });
      await box.fill(text);
      const entered = writer.evaluate(enteredAt);
      await box.press("Enter");
      const at = await entered;
      const [here = Number.NaN, there = Number.NaN] = await Promise.all(shown);
      own.push(here - at);
      others.push(there - at);
      await delay(GAP_MS);
    }
    /** @param {string} where @param {number[]} ms */
    const row = (where, ms) => [
      where,
      ms.length,
      ...[0.5, 0.9, 1].map((share) => percentile(ms, share)),
    ];
    return {
      tables: [
        {
          title: "Enter to the frame that shows the message, ms",
          columns: ["shown in", "messages", "p50", "p90", "max"],
          rows: [row("the other browser", others), row("the sender's own", own)],
        },
      ],
      targets: [
        {
          what: "Enter to shown in the other browser, p50",
          value: percentile(others, 0.5),
          unit: "ms",
          atMost: 100,
        },
      ],
      notes: [
        "Two Chromium processes, the front, the page and the Worker share this machine and its clock.",
      ],
      samples: { own, others },
    };
  } finally {
    for (const browser of browsers) await browser.close();
    await wall.stop();
  }
}

/**
 * A page whose live channel is open.
 * @param {Browser} browser
 * @param {string} url
 */
async function openLive(browser, url) {
  const page = await browser.newPage();
  await page.goto(url);
  await page
    .getByTestId("freshness")
    .filter({ hasText: /^live$/ })
    .waitFor();
  return page;
}

/**
 * When a page has drawn a text, in ms since the epoch.
 * @param {Page} page
 * @param {string} text
 */
async function shownAt(page, text) {
  const at = await page.evaluate(drawnAt, text);
  const line = page.getByRole("article").filter({ hasText: text });
  await line.waitFor({ timeout: SHOWN_WITHIN_MS });
  return at;
}

/** Runs in the page: the time of the next Enter. */
function enteredAt() {
  return new Promise((resolve) => {
    const heard = (/** @type {KeyboardEvent} */ { key }) => {
      if (key !== "Enter") return;
      removeEventListener("keydown", heard, true);
      resolve(Date.now());
    };
    addEventListener("keydown", heard, true);
  });
}

/**
 * Runs in the page: the time of the frame after the one in which a message with this text is in the page.
 * @param {string} text
 */
function drawnAt(text) {
  return new Promise((resolve) => {
    const look = () => {
      const log = document.querySelector('[role="log"]');
      if (!log?.textContent?.includes(text)) return;
      observer.disconnect();
      requestAnimationFrame(() => requestAnimationFrame(() => resolve(Date.now())));
    };
    const observer = new MutationObserver(look);
    observer.observe(document.body, { childList: true, subtree: true, characterData: true });
  });
}
