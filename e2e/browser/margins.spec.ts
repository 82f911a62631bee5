/** Times and actions beside the messages, in windows of all widths. */
import type { Locator } from "@playwright/test";
import { expect, LONG, test } from "../fixtures";
import { log, message, open, rows } from "../page";
import { scriptedWall } from "../scripted-wall";

const WIDTHS = [320, 360, 768, 1_000, 1_440];
const ENGLISH = "many words that fill more than one line of the widest column there is ".repeat(4);
const HEBREW = "הרבה מילים שממלאות יותר משורה אחת של הטור הרחב ביותר שיש ".repeat(4);

/** Runs in the page. The visible times in the log, and the words under each of them. */
function coveredWords(): { times: number; covered: string[] } {
  const isSeen = (element: Element) =>
    element.checkVisibility({ opacityProperty: true, visibilityProperty: true });
  const times = [...document.querySelectorAll("[role=log] time")].filter(isSeen);
  const covered: string[] = [];
  for (const text of document.querySelectorAll("[role=log] .message-text, [role=log] .author")) {
    const range = document.createRange();
    range.selectNodeContents(text);
    for (const words of range.getClientRects()) {
      for (const time of times) {
        const { left, right, top, bottom } = time.getBoundingClientRect();
        const isApart =
          words.right <= left || words.left >= right || words.bottom <= top || words.top >= bottom;
        if (!isApart) covered.push(text.textContent ?? "");
      }
    }
  }
  return { times: times.length, covered };
}

for (const width of WIDTHS) {
  test(`no time covers a word at ${width} px`, LONG, async ({ page }) => {
    await page.setViewportSize({ width, height: 800 });
    const wall = await scriptedWall(page, 1);
    for (const text of [ENGLISH, "short", HEBREW, ENGLISH, HEBREW]) wall.add(text);
    wall.add({ text: ENGLISH, username: "mira with a long name" });
    await open(page);
    for (const row of await rows(page).all()) {
      await row.hover();
      expect((await page.evaluate(coveredWords)).covered).toEqual([]);
      await row.focus();
      const { times, covered } = await page.evaluate(coveredWords);
      expect(covered).toEqual([]);
      expect(times).toBeGreaterThan(0);
      await expect(row.locator("time")).toBeVisible();
    }
  });
}

test("times stand in the left margin from 768 px on", LONG, async ({ page }) => {
  await page.setViewportSize({ width: 768, height: 800 });
  await scriptedWall(page, 3);
  await open(page);
  for (const row of await rows(page).all()) {
    await row.focus();
    const time = await row.locator("time").boundingBox();
    const text = await row.boundingBox();
    expect(time?.x).toBeGreaterThan(0);
    expect((time?.x ?? 0) + (time?.width ?? 0)).toBeLessThan(text?.x ?? 0);
  }
});

test("rows are aligned with the header in a narrow window", LONG, async ({ page }) => {
  await page.setViewportSize({ width: 600, height: 800 });
  await scriptedWall(page, 3);
  await open(page);
  const left = async (part: Locator) => (await part.boundingBox())?.x;
  expect(await left(log(page))).toBe(await left(page.getByRole("heading", { level: 1 })));
});

for (const width of [360, 768, 1_000])
  test(`the actions of the top row are in view at ${width} px`, LONG, async ({ page }) => {
    await page.setViewportSize({ width, height: 800 });
    await scriptedWall(page, 100);
    await open(page);
    // The row's top is the log's.
    const main = page.getByRole("main");
    const row = message(page, "message 80");
    await row.evaluate((element) => element.scrollIntoView({ block: "start" }));
    await row.hover();
    const actions = row.locator(".message-actions");
    await expect(actions).toBeVisible();
    const top = async (part: Locator) => (await part.boundingBox())?.y ?? 0;
    expect(await top(actions)).toBeGreaterThanOrEqual(await top(main));
  });

for (const width of [1_280, 1_440, 1_920])
  test(`the actions of a row don't cover the ribbon at ${width} px`, LONG, async ({ page }) => {
    await page.setViewportSize({ width, height: 800 });
    await scriptedWall(page, 100);
    await open(page);
    const row = rows(page).last();
    await row.hover();
    const actions = await row.locator(".message-actions").boundingBox();
    const hours = page.locator(".ribbon-hour");
    await expect(hours.first()).toBeVisible();
    for (const hour of await hours.all())
      expect((actions?.x ?? 0) + (actions?.width ?? 0)).toBeLessThan(
        (await hour.boundingBox())?.x ?? 0,
      );
  });
