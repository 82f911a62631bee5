/** A reader unfolds and mutes messages, and copies their links. */
import type { Page } from "@playwright/test";
import { expect, test } from "../fixtures";
import {
  act,
  box,
  log,
  message,
  nextPoll,
  open,
  pill,
  pointAt,
  routePosts,
  rows,
  scroller,
  send,
} from "../page";
import { scriptedWall } from "../scripted-wall";

const top = (page: Page, text: string) =>
  message(page, text).evaluate((row) => row.getBoundingClientRect().top);

test.describe("a message of many lines", () => {
  const LONG = `first\n${Array.from({ length: 40 }, (_, line) => `line ${line}`).join("\n")}`;

  test("is folded, and opens by mouse and keyboard without moving what is above", async ({
    page,
  }) => {
    const wall = await scriptedWall(page, 30);
    wall.add(LONG);
    wall.add("after");
    await open(page);
    const row = message(page, "first");
    const button = row.getByRole("button", { name: "Show more" });
    await expect(button).toHaveAttribute("aria-expanded", "false");
    const folded = (await row.boundingBox())?.height ?? 0;
    expect(folded).toBeLessThan(13.5 * 22.5 + 24);
    const before = await top(page, "first");
    await button.click();
    await expect(row.getByRole("button", { name: "Show less" })).toHaveAttribute(
      "aria-expanded",
      "true",
    );
    expect((await row.boundingBox())?.height).toBeGreaterThan(folded + 20 * 22.5);
    await expect.poll(() => top(page, "first")).toBe(before);
    await expect(pill(page)).toHaveCount(1);
    wall.add("later");
    await nextPoll(page);
    await expect(message(page, "later")).toHaveCount(1);
    await expect.poll(() => top(page, "first")).toBe(before);

    await row.getByRole("button", { name: "Show less" }).focus();
    await page.keyboard.press("Enter");
    await expect.poll(async () => (await row.boundingBox())?.height).toBe(folded);
    await expect.poll(() => top(page, "first")).toBe(before);
  });

  test("is shown whole if folding would hide two lines or fewer", async ({ page }) => {
    const wall = await scriptedWall(page, 3);
    const linesOf = (count: number) =>
      Array.from({ length: count }, (_, line) => `line ${line + 1} of ${count}`).join("\n");
    wall.add(linesOf(40));
    for (const count of [13, 14, 15]) wall.add(linesOf(count));
    await open(page);
    const button = (count: number) =>
      message(page, `line 1 of ${count}`).getByRole("button", { name: "Show more" });
    await expect(button(40)).toHaveCount(1);
    await expect(button(15)).toHaveCount(1);
    for (const count of [13, 14]) {
      await expect(button(count)).toHaveCount(0);
      const hidden = await message(page, `line 1 of ${count}`)
        .locator("p")
        .evaluate((text) => text.scrollHeight - text.clientHeight);
      expect(hidden).toBe(0);
    }
  });

  test("is folded when a narrow page makes its lines many, and not when a search is on", async ({
    page,
  }) => {
    const wall = await scriptedWall(page, 3);
    wall.add("words and more words ".repeat(30));
    await open(page);
    const button = page.getByRole("button", { name: "Show more" });
    await expect(rows(page)).toHaveCount(4);
    await expect(button).toHaveCount(0);
    await page.setViewportSize({ width: 320, height: 700 });
    await expect(button).toHaveCount(1);
    await page.keyboard.press("/");
    await page.getByRole("searchbox").fill("more");
    await expect(rows(page)).toHaveCount(1);
    await expect(button).toHaveCount(0);
  });
});

test("998 line breaks are two blank lines of half a line's height", async ({ page }) => {
  const wall = await scriptedWall(page, 1);
  wall.add(`a${"\n".repeat(998)}b`);
  wall.add("    indented\n  less");
  await open(page);
  const paragraph = message(page, "a").locator("p");
  await expect(paragraph).toHaveText("a\n\n\nb", { useInnerText: false });
  const line = await paragraph.evaluate((p) => Number.parseFloat(getComputedStyle(p).lineHeight));
  const height = (await paragraph.boundingBox())?.height ?? 0;
  expect(Math.abs(height - 3 * line)).toBeLessThan(line / 2);
  expect(await message(page, "    indented").locator("p").textContent()).toBe(
    "    indented\n  less",
  );
});

test("a link shows its host and path; its whole address is the tooltip", async ({ page }) => {
  const wall = await scriptedWall(page, 1);
  const address = `https://example.com/${"long/".repeat(20)}?q=1`;
  wall.add(`see ${address}`);
  wall.add("read README.md and main.rs");
  await open(page);
  const link = log(page).locator("p a");
  await expect(link).toHaveCount(1);
  await expect(link).toHaveText(/^example\.com\/long\/.*…$/);
  expect((await link.textContent())?.length).toBe(60);
  await expect(link).toHaveAttribute("href", address);
  await expect(link).toHaveAttribute("title", address);
});

test.describe("muting", () => {
  test("hides one colour of a name and can be undone by button and by key", async ({ page }) => {
    const wall = await scriptedWall(page, 1);
    // Neither author has the reader's colour, which is random.
    await page.addInitScript(() => localStorage.setItem("saywhatwant:color", "#8fd14f"));
    wall.add({ text: "red words", username: "anonymous", color: "#ff8a8a" });
    wall.add({ text: "blue words", username: "anonymous", color: "#55c2f5" });
    await open(page);
    await act(page, "red words", "Mute");
    await expect(message(page, "red words")).toHaveCount(0);
    await expect(message(page, "blue words")).toBeVisible();
    await expect(page.getByRole("status").filter({ hasText: "Muted anonymous" })).toBeAttached();
    await page.getByRole("button", { name: "Undo: Muted anonymous" }).click();
    await expect(message(page, "red words")).toBeVisible();
    await expect(page.getByRole("status").filter({ hasText: "Muted anonymous" })).toHaveCount(0);

    await act(page, "blue words", "Mute");
    await expect(message(page, "blue words")).toHaveCount(0);
    const undo = page.getByRole("button", { name: "Undo" });
    await expect(undo).toBeVisible();
    // From the log, Tab comes to the button before the field.
    await scroller(page).focus();
    await expect(async () => {
      await page.keyboard.press("Tab");
      await expect(undo).toBeFocused({ timeout: 50 });
    }).toPass();
    await page.keyboard.press("Enter");
    await expect(message(page, "blue words")).toBeVisible();

    await act(page, "blue words", "Mute");
    await expect(undo).toBeVisible();
    await scroller(page).focus();
    await page.keyboard.press("Control+z");
    await expect(message(page, "blue words")).toBeVisible();
    await act(page, "blue words", "Mute");
    await expect(undo).toBeVisible();
    await page.clock.runFor(11_000);
    await expect(undo).toHaveCount(0);
    await expect(message(page, "blue words")).toHaveCount(0);
  });

  test("by a double click mutes one author, though the next one's button is then there", async ({
    page,
  }) => {
    const wall = await scriptedWall(page, 40);
    wall.add({ text: "noise", username: "loud" });
    wall.add({ text: "after it", username: "mira" });
    for (let index = 0; index < 40; index += 1)
      wall.add({ text: `more ${index}`, username: "eve" });
    await open(page);
    await message(page, "noise").evaluate((row) => row.scrollIntoView({ block: "center" }));
    await act(page, "noise", "Mute");
    await expect(message(page, "noise")).toHaveCount(0);
    await expect(message(page, "after it").getByRole("button", { name: "Mute" })).toBeVisible();
    await page.mouse.down({ clickCount: 2 });
    await page.mouse.up({ clickCount: 2 });
    await scroller(page).press("k");
    await expect(page.getByRole("status").filter({ hasText: "Muted loud" })).toBeAttached();
    await expect(message(page, "after it")).toBeVisible();
  });

  test("is not offered on one's own messages, nor does it hide them", async ({ page }) => {
    const wall = await scriptedWall(page, 1);
    await page.addInitScript(() => {
      localStorage.setItem("saywhatwant:color", "#ff8a8a");
      localStorage.setItem("saywhatwant:muted", JSON.stringify(["anonymous", "loud"]));
    });
    wall.add({ text: "mine of yesterday", username: "anonymous", color: "#ff8a8a" });
    wall.add({ text: "a stranger", username: "anonymous", color: "#55c2f5" });
    wall.add({ text: "noise", username: "loud" });
    await open(page);
    await expect(rows(page)).toHaveCount(3);
    await expect(message(page, "noise")).toHaveCount(0);
    // The buttons of a row are there while the pointer is.
    for (const [text, count] of [
      ["mine of yesterday", 0],
      ["a stranger", 1],
    ] as const) {
      await pointAt(page, text);
      await expect(message(page, text).getByRole("button", { name: "Mute" })).toHaveCount(count);
    }
  });
});

test("two strangers without a name have a header each", async ({ page }) => {
  const wall = await scriptedWall(page, 0);
  wall.add({ text: "one", username: "anonymous" });
  wall.add({ text: "two", username: "anonymous" });
  await open(page);
  await expect(rows(page).locator("header")).toHaveCount(2);
});

test.describe("a message that was not sent", () => {
  test.use({ expectedConsole: [/Failed to load resource/] });

  test("is back, with Retry, when its discard is undone", async ({ page }) => {
    await scriptedWall(page, 1);
    await routePosts(page, (route) => route.fulfill({ status: 500 }));
    await open(page);
    await send(page, "precious words");
    await expect(message(page, "precious words")).toHaveAttribute("data-state", "failed");
    await page.getByRole("button", { name: "Discard" }).click();
    await expect(message(page, "precious words")).toHaveCount(0);
    await page.getByRole("button", { name: "Undo: Message discarded" }).click();
    await expect(message(page, "precious words")).toHaveAttribute("data-state", "failed");
    await expect(page.getByRole("button", { name: "Retry" })).toBeVisible();
  });
});

test("Copy link copies the permalink and says so", async ({ page, context }) => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  const wall = await scriptedWall(page, 3);
  await open(page, "/?q=message");
  await act(page, "message 2", "Copy link");
  await expect(page.getByRole("status").filter({ hasText: "Link copied" })).toBeAttached();
  const copied = await page.evaluate(() => navigator.clipboard.readText());
  expect(copied).toBe(`${new URL(page.url()).origin}/#${wall.idOf(1)}`);
});

test("the reply bar goes when its message is removed, and what was typed stays", async ({
  page,
}) => {
  const wall = await scriptedWall(page, 3);
  await open(page);
  await act(page, "message 2", "Reply");
  await expect(page.locator(".reply-bar")).toContainText("message 2");
  await box(page).fill("an answer");
  wall.remove(1);
  await nextPoll(page);
  await expect(message(page, "message 2")).toHaveCount(0);
  await expect(page.locator(".reply-bar")).toHaveCount(0);
  await expect(page.getByRole("status")).toHaveText("The message you were answering was removed");
  await expect(box(page)).toHaveValue("an answer");
});
