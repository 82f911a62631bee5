/** The wall on a phone. */
import type { Locator } from "@playwright/test";
import { expect, test } from "../fixtures";
import { box, message, open, rows, status } from "../page";
import { scriptedWall } from "../scripted-wall";

test.describe("on a phone", () => {
  test.use({ hasTouch: true, isMobile: true, viewport: { width: 360, height: 740 } });

  test("name and colour are a chip in the composer's one row, and open with a tap", async ({
    page,
  }) => {
    await scriptedWall(page, 3);
    await open(page);
    const chip = page.getByRole("button", { name: "Name and colour" });
    await expect(page.getByLabel("Your name", { exact: true })).toBeHidden();
    const [left, middle, right] = await Promise.all(
      [chip, box(page), page.getByRole("button", { name: "Send" })].map((part) =>
        part.boundingBox(),
      ),
    );
    const centre = (of: typeof left) => (of?.y ?? 0) + (of?.height ?? 0) / 2;
    expect(Math.abs(centre(left ?? null) - centre(middle ?? null))).toBeLessThan(6);
    expect(Math.abs(centre(right ?? null) - centre(middle ?? null))).toBeLessThan(6);
    await chip.tap();
    await page.getByLabel("Your name", { exact: true }).fill("mira");
    await page.getByRole("radio", { name: "teal" }).tap();
    await expect(page.getByRole("radio")).toHaveCount(0);
    await expect(page.getByLabel("Your name", { exact: true })).toBeHidden();
    await expect(chip).toContainText("mira");
    await page.reload();
    await expect(chip).toContainText("mira");
  });

  test("a long text has the composer's width", async ({ page }) => {
    await scriptedWall(page, 3);
    await open(page);
    const width = async (part: Locator) => (await part.boundingBox())?.width ?? 0;
    await box(page).fill("hello");
    expect(await width(box(page))).toBeLessThan(0.7 * (await width(page.locator(".composer"))));
    await box(page).fill("a text that is longer than a line of the narrow field");
    expect(await width(box(page))).toBeGreaterThan(0.85 * (await width(page.locator(".composer"))));
    await expect(page.getByRole("button", { name: "Send" })).toBeInViewport({ ratio: 1 });
  });

  test("the chip opens with the focus in the name's field", async ({ page }) => {
    await scriptedWall(page, 3);
    await open(page);
    await page.getByRole("button", { name: "Name and colour" }).tap();
    await expect(page.getByLabel("Your name", { exact: true })).toBeFocused();
  });

  test("the header's texts take one line", async ({ page }) => {
    const wall = await scriptedWall(page, 3);
    wall.bots.push("tide", "harbour");
    await open(page);
    // The page asks for the bots that are here.
    await box(page).focus();
    await expect(page.locator(".here-count")).toHaveText("2");
    const text = status(page).locator("span").last();
    await expect(text).toContainText("live");
    const line = await text.evaluate((span) =>
      Number.parseFloat(getComputedStyle(span).lineHeight),
    );
    expect((await text.boundingBox())?.height).toBeLessThan(1.5 * line);
  });

  test("a tap on a name opens the author's messages without the keyboard", async ({ page }) => {
    const wall = await scriptedWall(page, 3);
    wall.add({ text: "hello", username: "mira" });
    await open(page);
    await rows(page).getByRole("button", { name: "mira" }).tap();
    await expect(page.getByRole("button", { name: "by mira" })).toBeVisible();
    await expect(page.getByRole("searchbox")).not.toBeFocused();
    await page.getByRole("button", { name: "Close" }).tap();
    await page.getByRole("button", { name: "Search" }).tap();
    await expect(page.getByRole("searchbox")).toBeFocused();
  });

  test("the help lists no keys", async ({ page }) => {
    await scriptedWall(page, 3);
    await open(page);
    await page.getByRole("button", { name: "Help and settings" }).tap();
    await expect(page.getByRole("dialog")).toContainText("There are no accounts");
    await expect(page.getByText("Next or previous message")).toBeHidden();
  });

  test("a tap on a message shows its time and actions, and moves no other row by then tapping it", async ({
    page,
  }) => {
    const wall = await scriptedWall(page, 3);
    wall.add({ text: "hello", username: "mira" });
    wall.add({ text: "and hello to you", username: "noor" });
    await open(page);
    await message(page, "message 2").locator("p").tap();
    await expect(message(page, "message 2").getByRole("button", { name: "Reply" })).toBeVisible();
    await expect(message(page, "message 2").locator("time")).toBeVisible();
    await message(page, "hello").getByRole("button", { name: "mira" }).tap();
    await expect(page.getByRole("button", { name: "by mira" })).toBeVisible();
  });
});

test("the help lists the keys where there is a keyboard", async ({ page }) => {
  await scriptedWall(page, 3);
  await open(page);
  await page.getByRole("button", { name: "Help and settings" }).click();
  await expect(page.getByText("Next or previous message")).toBeVisible();
});
