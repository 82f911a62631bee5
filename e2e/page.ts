/** Helpers for tests of the wall's page. */
import type { Page, Route } from "@playwright/test";
import { PAGE_POLL_INTERVAL_MS } from "../schema/limits";
import { expect } from "./fixtures";

export const COMMENTS = "/api/comments";

/** The browser logs each request and each socket that a test makes fail. */
export const NETWORK_ERROR = /Failed to load resource|^WebSocket connection to/;

/** A promise that a test resolves to let something continue. */
export function gate() {
  let open = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { open, opened };
}

/** Makes a text unique: all tests share one wall. */
export const unique = (words: string) => `${words} ${crypto.randomUUID().slice(0, 8)}`;

export const box = (page: Page) => page.getByRole("textbox", { name: "Message", exact: true });
export const log = (page: Page) => page.getByRole("log");
export const rows = (page: Page) => log(page).getByRole("article");
export const scroller = (page: Page) => page.getByRole("main");
export const pill = (page: Page) => page.locator(".pill");
/** Attached once the page keeps itself up to date, which it loads after its first paint. */
export const upkeep = (page: Page) => page.getByTestId("upkeep");
export const status = (page: Page) => page.getByTestId("freshness");

/** The row of the message with this first line. */
export function message(page: Page, text: string) {
  const line = new RegExp(`^${text.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&")}(\n|$)`);
  return rows(page).filter({ has: page.locator("p", { hasText: line }) });
}

export const action = (page: Page, text: string, name: string) =>
  message(page, text).getByRole("button", { name, exact: true });

/** Points at a message, again until `work` succeeds: a row that is pushed up leaves the pointer behind. */
async function overMessage(page: Page, text: string, work: () => Promise<void>) {
  await expect(async () => {
    await page.mouse.move(0, 0);
    await message(page, text).hover({ timeout: 5_000 });
    await work();
  }).toPass();
}

/** Points at a message until it shows its actions. */
export function pointAt(page: Page, text: string) {
  const reply = action(page, text, "Reply");
  return overMessage(page, text, () => expect(reply).toBeVisible({ timeout: 1_000 }));
}

/** Points at a message and presses its action `name`. */
export function act(page: Page, text: string, name: string) {
  const button = action(page, text, name);
  return overMessage(page, text, async () => {
    await expect(button).toBeVisible({ timeout: 1_000 });
    // Long enough for a page that stalls once it is pressed: a second press would find another page.
    await button.click({ timeout: 10_000 });
  });
}

/**
 * Waits until no row moves any more, on a page whose clock the test controls: its frames are that clock's, and a page
 * that was scrolled adds rows in several of them.
 */
export async function atRest(page: Page) {
  const look = () => scroller(page).evaluate((it) => `${it.scrollTop} of ${it.scrollHeight}`);
  await expect(async () => {
    const before = await look();
    await page.clock.runFor(500);
    // A wheel scrolls in the browser's own frames.
    await scroller(page).evaluate((it) => it.animate([], 100).finished.then(() => {}));
    expect(await look()).toBe(before);
  }).toPass();
}

/** Stops the page's clock. If the page stalls on the way, its clock has passed that time: then once more. */
export async function pauseClock(page: Page) {
  await expect(async () => {
    await page.clock.pauseAt((await page.evaluate(() => Date.now())) + 1_000);
  }).toPass();
}

export const texts = (page: Page) => rows(page).locator("p").allTextContents();

export async function open(page: Page, address = "/") {
  await page.goto(address);
  await ready(page);
}

/** Opens the wall, and waits until the keys work too: the page loads them after its first paint. */
export async function openWithKeys(page: Page, address = "/") {
  await open(page, address);
  await expect(log(page).locator('[tabindex="0"]')).toHaveCount(1);
}

/** Waits until the wall has loaded and the page keeps itself up to date. */
export async function ready(page: Page) {
  await expect(log(page)).toHaveAttribute("aria-busy", "false");
  await expect(upkeep(page)).toBeAttached();
  // One of the browser's tabs polls.
  await expect
    .poll(async () => {
      const tabs = page.context().pages();
      const leases = await Promise.all(
        tabs.map((tab) => tab.locator("[data-lease=polls]").count()),
      );
      return leases.some((count) => count > 0);
    })
    .toBe(true);
}

export async function send(page: Page, text: string) {
  await box(page).fill(text);
  await box(page).press("Enter");
}

export async function expectSent(page: Page, text: string) {
  await expect(message(page, text)).toHaveAttribute("data-state", "sent");
  await expect(message(page, text)).toHaveCount(1);
}

/** The page reuses an answer younger than this. */
const SETTLED_MS = 1_000;

/**
 * Runs the next poll at once, on a page whose clock the test controls. First it passes, timer by
 * timer, the time in which a poll would only get the last answer.
 */
export async function nextPoll(page: Page) {
  await expect(upkeep(page)).toBeAttached();
  await page.clock.runFor(SETTLED_MS);
  await page.clock.fastForward(PAGE_POLL_INTERVAL_MS - SETTLED_MS);
}

/** Scrolls to the top until a message is loaded, as a person does, then to the message. */
export async function reachBackTo(page: Page, text: string) {
  await scroller(page).focus();
  // Take this snapshot before looking for the message: one that arrives afterwards changes it.
  let before = await page.evaluate(rowsInPage);
  while ((await message(page, text).count()) === 0) {
    await page.keyboard.press("Home");
    await expect.poll(() => page.evaluate(rowsInPage), { intervals: [20] }).not.toBe(before);
    before = await page.evaluate(rowsInPage);
  }
  await message(page, text).scrollIntoViewIfNeeded();
  await expect(message(page, text)).toBeInViewport();
}

/** Runs in the page. Changes whenever rows are added, at the top or in a hole. */
function rowsInPage(): string {
  const all = document.querySelectorAll<HTMLElement>("[data-key]");
  return `${all.length} from ${all[0]?.dataset.key}`;
}

/** Handles a page's posts, counted from 1, and leaves its reads alone. */
export async function routePosts(
  page: Page,
  handle: (route: Route, attempt: number) => Promise<void>,
) {
  const nonces: string[] = [];
  await page.route(`**${COMMENTS}`, async (route) => {
    if (route.request().method() !== "POST") return route.fallback();
    nonces.push(route.request().postDataJSON().nonce);
    await handle(route, nonces.length);
  });
  return nonces;
}

/** Runs in the page. Whether this browser's stored wall contains the text. */
export function isKept(text: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const opening = indexedDB.open("keyval-store");
    opening.onerror = () => reject(opening.error);
    opening.onsuccess = () => {
      const reading = opening.result.transaction("keyval").objectStore("keyval").getAll();
      reading.onsuccess = () => {
        opening.result.close();
        resolve(JSON.stringify(reading.result).includes(text));
      };
    };
  });
}
