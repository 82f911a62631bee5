/** The wall's page as a person sees and handles it: what the tests of the page share. */
import type { Page, Route } from "@playwright/test";
import { PAGE_POLL_INTERVAL_MS } from "../schema/limits";
import { expect } from "./fixtures";

export const COMMENTS = "/api/comments";

/** The browser reports each request that a test makes fail. */
export const NETWORK_ERROR = /Failed to load resource/;

/** Something that a test holds back until it lets it go. */
export function gate() {
  let open = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { open, opened };
}

/** Words that no other test has said: all share one wall. */
export const unique = (words: string) => `${words} ${crypto.randomUUID().slice(0, 8)}`;

export const box = (page: Page) => page.getByRole("textbox", { name: "Message", exact: true });
export const log = (page: Page) => page.getByRole("log");
export const rows = (page: Page) => log(page).getByRole("article");
export const scroller = (page: Page) => page.getByRole("main");
export const pill = (page: Page) => page.locator(".pill");
export const status = (page: Page) => page.getByTestId("freshness");

/** The row of the message whose first line this is. */
export function message(page: Page, text: string) {
  const line = new RegExp(`^${text.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&")}(\n|$)`);
  return rows(page).filter({ has: page.locator("p", { hasText: line }) });
}

export const texts = (page: Page) => rows(page).locator("p").allTextContents();

export async function open(page: Page, address = "/") {
  await page.goto(address);
  await expect(log(page)).toHaveAttribute("aria-busy", "false");
}

export async function send(page: Page, text: string) {
  await box(page).fill(text);
  await box(page).press("Enter");
}

export async function expectSent(page: Page, text: string) {
  await expect(message(page, text)).toHaveAttribute("data-state", "sent");
  await expect(message(page, text)).toHaveCount(1);
}

/** The page asks for no other answer so soon after one. */
const SETTLED_MS = 1_000;

/**
 * The time until the next poll passes at once, on a page whose clock is the test's: first, timer by timer,
 * that in which a poll would only get the last one's answer.
 */
export async function nextPoll(page: Page) {
  await page.clock.runFor(SETTLED_MS);
  await page.clock.fastForward(PAGE_POLL_INTERVAL_MS - SETTLED_MS);
}

/** Goes to the top again and again, as a person does, until a message is there; then to the message. */
export async function reachBackTo(page: Page, text: string) {
  await scroller(page).focus();
  // In this order: a message that comes after it was looked for changes what was there before.
  let before = await page.evaluate(rowsInPage);
  while ((await message(page, text).count()) === 0) {
    await page.keyboard.press("Home");
    await expect.poll(() => page.evaluate(rowsInPage), { intervals: [20] }).not.toBe(before);
    before = await page.evaluate(rowsInPage);
  }
  await message(page, text).scrollIntoViewIfNeeded();
  await expect(message(page, text)).toBeInViewport();
}

/** Runs in the page: changes whenever rows are added, at the top or where some were missing. */
function rowsInPage(): string {
  const all = document.querySelectorAll<HTMLElement>("[data-key]");
  return `${all.length} from ${all[0]?.dataset.key}`;
}

/** Handles the posts of a page, counted from 1, and leaves its reads alone. */
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

/** Runs in the page: whether the wall that this browser keeps says so. */
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
