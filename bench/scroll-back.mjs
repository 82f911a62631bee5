// @ts-check
// Scrolls the whole of a long wall by the wheel.
import { words } from "./conversation.mjs";
import { openPhone, seenBy } from "./phone.mjs";

export const SCROLLED_MESSAGES = 10_000;
const WINDOW_SIZE = 500;
const HISTORY_PAGE = 100;
const STORE = "aaaaaaaa";
const WHEEL_PX = 1_500;
/**
 * Without a new message at the top for this long, the reader is stuck and scrolls down a little.
 */
const STUCK_MS = 1_000;
const NUDGE_PX = 200;
const SCROLL_DEADLINE_MS = 300_000;

/** @typedef {import("@playwright/test").Browser} Browser */
/** @typedef {import("@playwright/test").Page} Page */
/** @typedef {{ reached: number, stuck: number, disorder: number, seconds: number, tasks: import("./phone.mjs").Task[] }} Scroll */

/**
 * Scrolls a long wall from its newest message to its first, by the wheel.
 * @param {Browser} browser
 * @param {string} url
 * @returns {Promise<Scroll>}
 */
export async function scrollBack(browser, url) {
  // Under a service worker, the page would not send its requests to us.
  const { context, page } = await openPhone(browser, { serviceWorkers: "block" });
  try {
    await madeUpWall(page);
    await page.goto(url, { waitUntil: "load" });
    await page.getByRole("article").last().waitFor();
    await page.locator("main").hover();
    const earlierTasks = (await seenBy(page)).tasks.length;
    const began = performance.now();
    let [top, stuck, disorder, movedAt] = [SCROLLED_MESSAGES, 0, 0, began];
    while (top > 1 && performance.now() - began < SCROLL_DEADLINE_MS) {
      await page.mouse.wheel(0, -WHEEL_PX);
      const before = top;
      const numbers = await shownMessages(page);
      if (numbers.some((number, index) => number !== (numbers[0] ?? 0) + index)) disorder += 1;
      top = numbers[0] ?? top;
      if (top !== before) movedAt = performance.now();
      else if (performance.now() - movedAt > STUCK_MS) {
        stuck += 1;
        movedAt = performance.now();
        await page.mouse.wheel(0, NUDGE_PX);
        await shownMessages(page);
      }
    }
    const tasks = (await seenBy(page)).tasks.slice(earlierTasks);
    return {
      reached: SCROLLED_MESSAGES - top + 1,
      stuck,
      disorder,
      seconds: (performance.now() - began) / 1_000,
      tasks,
    };
  } finally {
    await context.close();
  }
}

/**
 * The numbers of the messages in the page's log, top to bottom, one frame later.
 * @param {Page} page
 * @returns {Promise<number[]>}
 */
async function shownMessages(page) {
  return page.evaluate(async () => {
    await new Promise((shown) => requestAnimationFrame(shown));
    return [...document.querySelectorAll("main article")].map(({ textContent }) =>
      Number(/number (\d+)\./.exec(textContent ?? "")?.[1]),
    );
  });
}

/**
 * Answers the page's reads with a generated wall: a message each minute, the newest a minute old.
 * @param {Page} page
 */
async function madeUpWall(page) {
  const step = 60_000;
  const start = Date.now() - SCROLLED_MESSAGES * step;
  /** @param {number} index */
  const comment = (index) => ({
    // Each with its own suffix, as on a real wall: the page takes equal ones for copies of one message.
    id: `${start + index * step}-${index.toString(36).padStart(10, "0")}`,
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
