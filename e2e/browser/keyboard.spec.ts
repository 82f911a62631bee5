/** The wall by keyboard alone: the keys, the Tab stops, and where the focus goes. */
import type { Page } from "@playwright/test";
import { expect, LONG, test } from "../fixtures";
import {
  act,
  action,
  atRest,
  box,
  expectSent,
  log,
  message,
  NETWORK_ERROR,
  nextPoll,
  open,
  openWithKeys,
  pill,
  rows,
  scroller,
  unique,
} from "../page";
import { scriptedWall } from "../scripted-wall";

/** Opens the wall and waits until its log is one Tab stop. */
/** Whether the body has the focus, so that the next Tab would start at the top of the page. */
const isFocusLost = (page: Page) =>
  page.evaluate(() => document.activeElement === document.body || !document.activeElement);

async function expectFocusKept(page: Page) {
  await expect.poll(() => isFocusLost(page)).toBe(false);
}

test("from the address bar to a sent reply in at most 12 keys", LONG, async ({ page }) => {
  await open(page);
  const original = unique("is anybody there");
  await box(page).fill(original);
  await box(page).press("Enter");
  await expectSent(page, original);
  await page.reload();
  await expect(message(page, original)).toBeVisible();
  await expect(log(page).locator('[tabindex="0"]')).toHaveCount(1);

  let keys = 0;
  const press = async (key: string) => {
    keys += 1;
    await page.keyboard.press(key);
  };
  while (
    !(await rows(page)
      .last()
      .evaluate((row) => row === document.activeElement))
  ) {
    expect(keys).toBeLessThan(12);
    await press("Tab");
  }
  await press("r");
  await expect(box(page)).toBeFocused();
  const answer = crypto.randomUUID().slice(0, 3);
  for (const letter of answer) await press(letter);
  await press("Enter");
  await expectSent(page, answer);
  await expect(message(page, answer).locator(".reply-quote")).toContainText(original);
  expect(keys).toBeLessThanOrEqual(12);
});

test("the log is one Tab stop, however many rows, links and buttons it has", async ({ page }) => {
  const wall = await scriptedWall(page, 300);
  wall.add({ text: "see https://example.com/a", username: "mira", replyTo: wall.idOf(0) });
  await openWithKeys(page);
  await expect(log(page).locator("p a")).toHaveCount(1);
  const inLog = () => page.evaluate(() => Boolean(document.activeElement?.closest("[role=log]")));
  await page.getByRole("button", { name: "Help and settings" }).focus();
  await page.keyboard.press("Tab");
  await expect(rows(page).last()).toBeFocused();
  await page.keyboard.press("Tab");
  expect(await inLog()).toBe(false);
  await page.keyboard.press("Shift+Tab");
  await expect(rows(page).last()).toBeFocused();
  // The row that was left is the one that Tab comes back to.
  await page.keyboard.press("ArrowUp");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Shift+Tab");
  await expect(message(page, "message 300")).toBeFocused();
  await page.keyboard.press("Shift+Tab");
  await expect(page.getByRole("button", { name: "Help and settings" })).toBeFocused();
});

test("Tab leads to a row in view, wherever the reader has scrolled", async ({ page }) => {
  await scriptedWall(page, 300);
  await openWithKeys(page);
  await scroller(page).hover();
  await page.mouse.wheel(0, -1_500);
  await expect(pill(page)).toBeVisible();
  await atRest(page);
  const inView = await rows(page).evaluateAll((all) =>
    all.findIndex((row) => row.getBoundingClientRect().top > innerHeight / 2),
  );
  const text = (await rows(page).nth(inView).locator("p").textContent()) ?? "";
  const top = async () => (await message(page, text).boundingBox())?.y ?? Number.NaN;
  const before = await top();
  await page.getByRole("button", { name: "Help and settings" }).focus();
  await page.keyboard.press("Tab");
  await expect(log(page).locator(":focus")).toBeInViewport();
  expect(Math.abs((await top()) - before)).toBeLessThan(100);
});

test(
  "arrows, j and k walk the rows; Home and End lead to the ends; Right and Left walk a row's links and buttons",
  LONG,
  async ({ page }) => {
    const wall = await scriptedWall(page, 30);
    wall.add({ text: "your opinion please", username: "mira" });
    await openWithKeys(page);
    await page.keyboard.press("k");
    const last = message(page, "your opinion please");
    await expect(last).toBeFocused();
    await page.keyboard.press("ArrowUp");
    await expect(message(page, "message 30")).toBeFocused();
    await page.keyboard.press("j");
    await expect(last).toBeFocused();
    const seen: string[] = [];
    for (let step = 0; step < 6; step += 1) {
      await page.keyboard.press("ArrowRight");
      seen.push(await page.evaluate(() => document.activeElement?.textContent ?? ""));
    }
    const buttons = ["Reply", "Copy link", "Mute", "Report"];
    expect(seen).toEqual(["mira", expect.stringMatching(/\d/), ...buttons]);
    await page.keyboard.press("ArrowLeft");
    await expect(last.getByRole("button", { name: "Mute" })).toBeFocused();
    await page.keyboard.press("Escape");
    await expect(last).toBeFocused();
    await page.keyboard.press("Enter");
    await expect(last.getByRole("button", { name: "mira" }).first()).toBeFocused();
    await page.keyboard.press("ArrowUp");
    await expect(message(page, "message 30")).toBeFocused();
    await page.keyboard.press("Home");
    await expect(message(page, "message 1")).toBeFocused();
    await page.keyboard.press("End");
    await expect(last).toBeFocused();
    await expect(last).toBeInViewport();
  },
);

test(
  "c and the skip link lead to the text field, and Escape back to the row",
  LONG,
  async ({ page }) => {
    await scriptedWall(page, 30);
    await openWithKeys(page);
    await page.keyboard.press("Tab");
    const skip = page.getByRole("link", { name: "Write a message" });
    await expect(skip).toBeFocused();
    await expect(skip).toBeInViewport();
    await page.keyboard.press("Enter");
    await expect(box(page)).toBeFocused();
    await page.keyboard.press("Escape");
    await expect(message(page, "message 30")).toBeFocused();
    await page.keyboard.press("k");
    await page.keyboard.press("k");
    await page.keyboard.press("c");
    await expect(box(page)).toBeFocused();
    await expect(box(page)).toHaveValue("");
    await page.keyboard.type("half a thought");
    await page.keyboard.press("Escape");
    await expect(message(page, "message 28")).toBeFocused();
    await expect(box(page)).toHaveValue("half a thought");
    await page.keyboard.press("r");
    await expect(box(page)).toBeFocused();
    await page.keyboard.press("Escape");
    await expect(page.getByText("Reply to")).toHaveCount(0);
    await expect(message(page, "message 28")).toBeFocused();
  },
);

test("letters typed right after / arrive in the search, also while it loads", async ({ page }) => {
  const wall = await scriptedWall(page, 3);
  wall.add("a car crash");
  await openWithKeys(page);
  await page.keyboard.type("/crash");
  await expect(page.getByRole("searchbox")).toHaveValue("crash");
  await expect(page.getByRole("searchbox")).toBeFocused();
  await expect(box(page)).toHaveValue("");
  await expect(rows(page)).toHaveCount(1);
  await page.keyboard.press("Tab");
  await rows(page).focus();
  await page.keyboard.type("/ed");
  await expect(page.getByRole("searchbox")).toHaveValue("crashed");
});

test("the keys work by their place on a Cyrillic keyboard", LONG, async ({ page }) => {
  await scriptedWall(page, 30);
  await openWithKeys(page);
  const press = (key: string, code: string) =>
    page.evaluate(
      (init) =>
        document.activeElement?.dispatchEvent(
          new KeyboardEvent("keydown", { ...init, bubbles: true, cancelable: true }),
        ),
      { key, code },
    );
  await press("л", "KeyK");
  await expect(message(page, "message 30")).toBeFocused();
  await press("л", "KeyK");
  await press("о", "KeyJ");
  await expect(message(page, "message 30")).toBeFocused();
  await press("к", "KeyR");
  await expect(box(page)).toBeFocused();
  await page.keyboard.press("Escape");
  await press(".", "Slash");
  await expect(page.getByRole("searchbox")).toBeFocused();
});

test.describe("the focus never falls to the body", LONG, () => {
  test.use({ expectedConsole: [NETWORK_ERROR] });

  test("when the search is closed: it returns to the row or the button it was opened from", async ({
    page,
  }) => {
    await scriptedWall(page, 30);
    await openWithKeys(page);
    await page.keyboard.press("k");
    await page.keyboard.press("/");
    await expect(page.getByRole("searchbox")).toBeFocused();
    await page.keyboard.press("Escape");
    await expect(message(page, "message 30")).toBeFocused();
    await page.getByRole("button", { name: "Search" }).focus();
    await page.keyboard.press("Enter");
    await expect(page.getByRole("searchbox")).toBeFocused();
    await page.getByRole("button", { name: "Close" }).focus();
    await page.keyboard.press("Enter");
    await expect(page.getByRole("button", { name: "Search" })).toBeFocused();
  });

  test("when a search opened from nowhere is closed", async ({ page }) => {
    await scriptedWall(page, 30);
    await openWithKeys(page);
    await page.keyboard.press("/");
    await expect(page.getByRole("searchbox")).toBeFocused();
    await page.keyboard.press("Escape");
    await expect(page.getByRole("searchbox")).toHaveCount(0);
    await expectFocusKept(page);
  });

  test("when the author's filter is removed", async ({ page }) => {
    await scriptedWall(page, 3);
    await openWithKeys(page, "/?author=ada");
    await page.getByRole("button", { name: "by ada" }).focus();
    await page.keyboard.press("Enter");
    await expect(page.getByRole("button", { name: "by ada" })).toHaveCount(0);
    await expect(page.getByRole("searchbox")).toBeFocused();
  });

  test("when the pill is used", async ({ page }) => {
    await scriptedWall(page, 300);
    await openWithKeys(page);
    await scroller(page).hover();
    await page.mouse.wheel(0, -700);
    await pill(page).focus();
    await page.keyboard.press("Enter");
    await expect(pill(page)).toHaveCount(0);
    await expect(message(page, "message 300")).toBeInViewport();
    await expectFocusKept(page);
    await page.keyboard.press("k");
    await expect(message(page, "message 300")).toBeFocused();
  });

  test("when an author is muted: the next message has it", async ({ page }) => {
    const wall = await scriptedWall(page, 5);
    wall.add({ text: "noise", username: "loud" });
    wall.add({ text: "more noise", username: "loud" });
    wall.add({ text: "after it", username: "mira" });
    await openWithKeys(page);
    await page.keyboard.press("k");
    await page.keyboard.press("k");
    await page.keyboard.press("k");
    await expect(message(page, "noise")).toBeFocused();
    await expect(action(page, "noise", "Mute")).toBeVisible();
    for (let step = 0; step < 5; step += 1) await page.keyboard.press("ArrowRight");
    await page.keyboard.press("Enter");
    await expect(message(page, "noise")).toHaveCount(0);
    await expect(message(page, "after it")).toBeFocused();
  });

  test("when the focused message is removed", async ({ page }) => {
    const wall = await scriptedWall(page, 5);
    await openWithKeys(page);
    await page.keyboard.press("k");
    await expect(message(page, "message 5")).toBeFocused();
    wall.remove(4);
    await nextPoll(page);
    await expect(message(page, "message 5")).toHaveCount(0);
    await expect(message(page, "message 4")).toBeFocused();
  });

  test("when a message is sent, retried and discarded", async ({ page }) => {
    await scriptedWall(page, 3);
    await openWithKeys(page);
    await page.route("**/api/comments", (route) =>
      route.request().method() === "POST"
        ? route.fulfill({ status: 400, json: { error: "Invalid: text." } })
        : route.fallback(),
    );
    await box(page).fill("refused");
    await page.keyboard.press("Enter");
    await expect(box(page)).toBeFocused();
    const row = message(page, "refused");
    await expect(row).toHaveAttribute("data-state", "failed");
    await row.getByRole("button", { name: "Retry" }).focus();
    await page.keyboard.press("Enter");
    await expectFocusKept(page);
    await row.getByRole("button", { name: "Discard" }).focus();
    await page.keyboard.press("Enter");
    await expect(row).toHaveCount(0);
    await expect(message(page, "message 3")).toBeFocused();
  });

  test("when a reply is cancelled", async ({ page }) => {
    await scriptedWall(page, 3);
    await openWithKeys(page);
    await page.keyboard.press("k");
    await page.keyboard.press("r");
    await page.getByRole("button", { name: "Cancel" }).focus();
    await page.keyboard.press("Enter");
    await expect(page.getByText("Reply to")).toHaveCount(0);
    await expect(box(page)).toBeFocused();
  });

  test("when a dialog is closed, whatever had the focus before", async ({ page }) => {
    await scriptedWall(page, 3);
    await openWithKeys(page);
    await page.keyboard.press("?");
    await expect(page.getByRole("dialog")).toBeVisible();
    await page.keyboard.press("Escape");
    await expect(page.getByRole("dialog")).toHaveCount(0);
    await expectFocusKept(page);
    await page.keyboard.press("k");
    await page.keyboard.press("?");
    await page.getByRole("dialog").getByRole("button", { name: "Close" }).click();
    await expect(page.getByRole("dialog")).toHaveCount(0);
    await expect(message(page, "message 3")).toBeFocused();
  });

  test("when an author is unmuted in the help", async ({ page }) => {
    const wall = await scriptedWall(page, 2);
    wall.add({ text: "noise", username: "loud" });
    await openWithKeys(page);
    await act(page, "noise", "Mute");
    await page.getByRole("button", { name: "Help and settings" }).click();
    await page.getByRole("button", { name: "Unmute loud" }).focus();
    await page.keyboard.press("Enter");
    await expect(page.getByRole("button", { name: "Unmute loud" })).toHaveCount(0);
    await expectFocusKept(page);
    await expect(page.getByRole("dialog").locator(":focus")).toHaveCount(1);
  });

  test("when scrolling takes the focused row out of the page", async ({ page }) => {
    await scriptedWall(page, 1_000);
    await openWithKeys(page);
    await page.keyboard.press("k");
    await scroller(page).hover();
    await expect(async () => {
      await page.mouse.wheel(0, -3_000);
      await expect(message(page, "message 1000")).toHaveCount(0, { timeout: 200 });
    }).toPass();
    await expectFocusKept(page);
  });
});
