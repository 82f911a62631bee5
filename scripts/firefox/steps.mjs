// @ts-check
// The steps of `npm run firefox`: what a visitor and an admin do, each waiting for its effect.
import { setTimeout as delay } from "node:timers/promises";
import { ADMIN_TOKEN, untilAnswered } from "../trial/wall.mjs";

const STEP_DEADLINE_MS = 60_000;
/** Timers of a tab in the background fire once a second. */
const POLL_MS = 100;
/** More than a screen of them, so that a permalink leads away from the end. */
const MESSAGES = 80;
const LINKED = 20;
const COMPOSER = "textarea[aria-label=Message]";
const AUDIT_LOG = "[aria-labelledby=audit-title]";
const SEARCH = "input[type=search]";

/** @typedef {import("puppeteer-core").Page} Page */
/**
 * @typedef {object} Visit
 * @property {string} url the wall's
 * @property {() => Promise<Page>} openTab a new tab in the foreground
 */

/**
 * In order: later steps use the messages of earlier ones.
 * @param {Visit} visit
 * @returns {[title: string, run: () => Promise<void>][]}
 */
export function stepsOf({ url, openTab }) {
  const comments = `${url}/api/comments`;
  /** @type {Page} */
  let first;
  /** @type {Page} */
  let second;

  /** @param {string} text */
  const post = async (text) => {
    const { id } = await untilAnswered(comments, "POST", { text, username: "ada" });
    return String(id);
  };
  /** @param {string} path */
  const open = async (path) => {
    const page = await openTab();
    page.setDefaultTimeout(STEP_DEADLINE_MS);
    await page.goto(`${url}${path}`);
    return page;
  };

  /** @type {string[]} ids, oldest first */
  const posted = [];
  return [
    [
      "the wall loads, at its newest message, and goes live",
      async () => {
        while (posted.length < MESSAGES) posted.push(await post(`message ${posted.length + 1}.`));
        first = await open("/");
        await isLive(first);
        await shows(first, `message ${MESSAGES}.`);
        await until(first, "the newest message in view", isInView, posted.at(-1));
      },
    ],
    [
      "a message is sent, and stands there once",
      async () => {
        await first.type(COMPOSER, "written in the first tab");
        await first.keyboard.press("Enter");
        await until(first, "it is sent", isSent, "written in the first tab");
      },
    ],
    [
      "a second tab shows it, and the first shows what the second sends",
      async () => {
        second = await open("/");
        await shows(second, "written in the first tab");
        await second.type(COMPOSER, "written in the second tab");
        await second.keyboard.press("Enter");
        await until(second, "it is sent", isSent, "written in the second tab");
        await first.bringToFront();
        await shows(first, "written in the second tab");
      },
    ],
    [
      "a message of another client appears over the live channel, without a poll",
      async () => {
        await isLive(first);
        const reads = readsBy([first, second], comments);
        await post("written by another client");
        await shows(first, "written by another client");
        if (reads.length > 0) throw new Error(`a poll: ${reads}`);
      },
    ],
    [
      "the search finds and marks a word, and closes",
      async () => {
        await first.keyboard.press("Escape");
        await first.keyboard.press("/");
        await until(first, "the search field", exists, SEARCH);
        await first.type(SEARCH, "ANOTHER cliént");
        await until(first, "one match", isOnlyMatch, "written by another client");
        await first.keyboard.press("Escape");
        await until(first, "all messages", hasSeveral);
      },
    ],
    [
      "a permalink opens at its message, and a new message does not move it",
      async () => {
        const id = posted[LINKED] ?? "";
        const page = await open(`/#${id}`);
        await isLive(page);
        await until(page, "the linked message in view", isInView, id);
        await until(page, "the linked message focused", isFocused, id);
        const before = await page.evaluate(topOf, id);
        await post("written while somebody reads");
        await until(page, "the notice of a new message", tells, ".pill", "1 new message");
        const after = await page.evaluate(topOf, id);
        if (before !== after) throw new Error(`moved from ${before} to ${after} px`);
        await page.reload();
        await until(page, "it is in view after a reload", isInView, id);
        await isLive(page);
        await page.close();
      },
    ],
    [
      "/status shows a fresh wall",
      async () => {
        const page = await open("/status");
        await until(page, "a fresh wall", isFresh);
        await page.close();
      },
    ],
    [
      "/admin signs in and removes a message, which leaves the open wall",
      async () => {
        const text = "written to be removed";
        await post(text);
        await first.bringToFront();
        await shows(first, text);
        const admin = await open("/admin");
        await admin.type("input[type=password]", ADMIN_TOKEN);
        await admin.keyboard.press("Enter");
        await until(admin, "its row", pressRemove, text);
        await admin.type("dialog input.search-field", "a trial");
        await admin.keyboard.press("Enter");
        await until(admin, "the audit log's entry", tells, AUDIT_LOG, "a trial");
        await admin.close();
        await first.bringToFront();
        await until(first, "it is gone from the wall", lacks, text);
      },
    ],
  ];
}

/**
 * Waits until a condition holds in the page. Puppeteer's own wait needs `eval`, which the page's policy forbids to
 * Firefox 140.
 * @param {Page} page
 * @param {string} what for the error after the deadline
 * @param {(...args: any[]) => unknown} holds runs in the page
 * @param {unknown[]} args
 */
async function until(page, what, holds, ...args) {
  const deadline = performance.now() + STEP_DEADLINE_MS;
  while (!(await page.evaluate(holds, ...args))) {
    if (performance.now() > deadline) throw new Error(`waited for ${what}`);
    await delay(POLL_MS);
  }
}

/**
 * @param {Page} page
 * @param {string} text
 */
const shows = (page, text) => until(page, `“${text}”`, isShown, text);

/** @param {Page} page */
const isLive = (page) => until(page, "the live channel", isMarkedLive);

/**
 * The addresses of the reads that these pages send from now on.
 * @param {Page[]} pages
 * @param {string} comments
 */
function readsBy(pages, comments) {
  /** @type {string[]} */
  const reads = [];
  for (const page of pages)
    page.on("request", (request) => {
      if (request.method() === "GET" && request.url().startsWith(comments))
        reads.push(request.url());
    });
  return reads;
}

// The rest runs in the page, where each function stands alone.

/** @param {string} selector */
function exists(selector) {
  return document.querySelector(selector) !== null;
}

/** @param {string} text */
function isShown(text) {
  const texts = [...document.querySelectorAll("main article .message-text")];
  return texts.filter(({ textContent }) => textContent === text).length === 1;
}

/** @param {string} text */
function isSent(text) {
  const sent = [...document.querySelectorAll("article[data-state=sent] .message-text")];
  const all = [...document.querySelectorAll("article .message-text")];
  return [sent, all].every(
    (texts) => texts.filter(({ textContent }) => textContent === text).length === 1,
  );
}

function isMarkedLive() {
  return document.querySelector("[data-testid=freshness]")?.textContent === "live";
}

/** @param {string} text */
function isOnlyMatch(text) {
  const rows = [...document.querySelectorAll("main article .message-text")];
  const marked = rows[0]?.querySelectorAll("mark.match");
  return rows.length === 1 && rows[0]?.textContent === text && (marked?.length ?? 0) > 0;
}

function hasSeveral() {
  const isOpen = document.querySelector("input[type=search]") !== null;
  return !isOpen && document.querySelectorAll("main article").length > 1;
}

/** @param {string | undefined} id */
function isInView(id) {
  const row = document.getElementById(id ?? "")?.getBoundingClientRect();
  const log = document.querySelector("main")?.getBoundingClientRect();
  return row !== undefined && log !== undefined && row.top >= log.top && row.bottom <= log.bottom;
}

/** @param {string} id */
function isFocused(id) {
  return document.activeElement?.id === id;
}

/** @param {string} id */
function topOf(id) {
  return document.getElementById(id)?.getBoundingClientRect().top;
}

function isFresh() {
  const verdict = document.querySelector("[data-testid=verdict] [role=status]");
  return verdict?.textContent === "Fresh" && document.querySelector("figure svg path") !== null;
}

/** @param {string} text */
function pressRemove(text) {
  const row = [...document.querySelectorAll("li.message")].find(
    (one) => one.querySelector(".message-text")?.textContent === text,
  );
  const button = row?.querySelector("button.danger-button");
  if (!(button instanceof HTMLElement)) return false;
  button.click();
  return true;
}

/**
 * @param {string} selector
 * @param {string} text
 */
function tells(selector, text) {
  return document.querySelector(selector)?.textContent?.includes(text);
}

/** @param {string} text */
function lacks(text) {
  return !document.body.textContent?.includes(text);
}
