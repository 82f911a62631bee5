/** A magnified page, and a phone held sideways. */
import type { Locator } from "@playwright/test";
import { expect, LONG, test } from "../fixtures";
import { box, message, open, scroller } from "../page";
import { scriptedWall } from "../scripted-wall";

test.describe("the log keeps some rows of height", () => {
  const MAGNIFIED = { width: 320, height: 256 };
  const SIDEWAYS = { width: 740, height: 200 };
  const ROW_PX = 26;

  const visibleHeight = async (part: Locator) => {
    const height = part.page().viewportSize()?.height ?? 0;
    const { top, bottom } = await part.evaluate((element) => {
      const { top, bottom } = element.getBoundingClientRect();
      return { top, bottom };
    });
    return Math.min(bottom, height) - Math.max(top, 0);
  };

  test("at 400 % zoom, with the search open", LONG, async ({ page }) => {
    await page.setViewportSize(MAGNIFIED);
    await scriptedWall(page, 30);
    await open(page);
    await page.getByRole("button", { name: "Search" }).click();
    await expect(page.getByRole("searchbox")).toBeVisible();
    expect(await visibleHeight(scroller(page))).toBeGreaterThan(3 * ROW_PX);
    await box(page).fill("still usable");
    await expect(box(page)).toBeInViewport({ ratio: 1 });
    expect(await visibleHeight(scroller(page))).toBeGreaterThan(2 * ROW_PX);
  });

  test(
    "on a phone with its keyboard, the search shows the words and a way out",
    LONG,
    async ({ page }) => {
      await page.setViewportSize({ width: 390, height: 420 });
      await scriptedWall(page, 30);
      await open(page);
      await page.getByRole("button", { name: "Search" }).click();
      await page.getByRole("searchbox").fill("message 3");
      const field = await page.getByRole("searchbox").boundingBox();
      expect(field?.width).toBeGreaterThan(140);
      await expect(page.getByRole("button", { name: "Close" })).toBeInViewport({ ratio: 1 });
    },
  );

  for (const [where, size] of [
    ["on a phone with its keyboard", { width: 390, height: 420 }],
    ["on a phone held sideways", SIDEWAYS],
    ["at 400 % zoom", MAGNIFIED],
  ] as const)
    test(`all colours are inside their panel ${where}`, LONG, async ({ page }) => {
      await page.setViewportSize(size);
      await scriptedWall(page, 3);
      await open(page);
      await page.getByRole("button", { name: "Name and colour" }).click();
      await expect(page.getByRole("radio")).toHaveCount(12);
      const right = (part: Locator) =>
        part.evaluate((element) => element.getBoundingClientRect().right);
      const edge = await right(page.locator(".identity-fields"));
      for (const swatch of await page.getByRole("radio").all())
        expect(await right(swatch)).toBeLessThan(edge);
      expect(await right(page.locator(".own-swatch"))).toBeLessThan(edge);
      await expect(page.getByLabel("Your name", { exact: true })).toBeInViewport({ ratio: 1 });
    });

  test("on a phone held sideways, with its keyboard", LONG, async ({ page }) => {
    await page.setViewportSize(SIDEWAYS);
    await scriptedWall(page, 30);
    await open(page);
    await box(page).focus();
    await expect(box(page)).toBeInViewport({ ratio: 1 });
    expect(await visibleHeight(scroller(page))).toBeGreaterThan(3 * ROW_PX);
    await expect(message(page, "message 30")).toBeInViewport();
  });
});

test.describe("with text of twice the size, on a phone", () => {
  test.use({ viewport: { width: 360, height: 740 }, bypassCSP: true });

  test("the buttons of the header and of a dialog stay in view", LONG, async ({ page }) => {
    await scriptedWall(page, 30);
    await open(page);
    await page.addStyleTag({ content: "html { font-size: 200% }" });
    const search = page.getByRole("button", { name: "Search" });
    const help = page.getByRole("button", { name: "Help and settings" });
    await expect(search).toBeInViewport({ ratio: 1 });
    await expect(help).toBeInViewport({ ratio: 1 });
    await help.click();
    const close = page.getByRole("dialog").getByRole("button", { name: "Close" });
    await expect(close).toBeInViewport({ ratio: 1 });
  });

  test("the help does not scroll sideways", LONG, async ({ page }) => {
    await scriptedWall(page, 3);
    await open(page);
    await page.addStyleTag({ content: "html { font-size: 200% }" });
    await page.getByRole("button", { name: "Help and settings" }).click();
    const overflow = () =>
      page.getByRole("dialog").evaluate((dialog) => dialog.scrollWidth - dialog.clientWidth);
    expect(await overflow()).toBe(0);
    await page.addStyleTag({ content: "html { font-size: 100% }" });
    await page.setViewportSize({ width: 180, height: 370 });
    expect(await overflow()).toBe(0);
  });

  test("the text field has the composer's width", LONG, async ({ page }) => {
    await scriptedWall(page, 3);
    await open(page);
    await page.addStyleTag({ content: "html { font-size: 200% }" });
    const composer = await page.locator(".composer").boundingBox();
    await expect
      .poll(async () => (await box(page).boundingBox())?.width)
      .toBeGreaterThan(0.8 * (composer?.width ?? 0));
    await expect(page.getByRole("button", { name: "Send" })).toBeInViewport({ ratio: 1 });
  });
});
