/** What a reader does with messages. */
import type { Page } from "@playwright/test";
import { expect, test } from "../fixtures";
import { message, nextPoll, open, pill, rows } from "../page";
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
    expect(await top(page, "first")).toBe(before);
    await expect(pill(page)).toHaveCount(1);
    wall.add("later");
    await nextPoll(page);
    expect(await top(page, "first")).toBe(before);

    await row.getByRole("button", { name: "Show less" }).focus();
    await page.keyboard.press("Enter");
    expect((await row.boundingBox())?.height).toBe(folded);
    expect(await top(page, "first")).toBe(before);
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
  await open(page);
  const paragraph = message(page, "a").locator("p");
  await expect(paragraph).toHaveText("a\n\n\nb", { useInnerText: false });
  const line = await paragraph.evaluate((p) => Number.parseFloat(getComputedStyle(p).lineHeight));
  const height = (await paragraph.boundingBox())?.height ?? 0;
  expect(Math.abs(height - 3 * line)).toBeLessThan(line / 2);
});
