/** Search beyond what the page holds, and the ways to a time. */
import { setTimeout as delay } from "node:timers/promises";
import type { Page } from "@playwright/test";
import { ACTIVITY_SLOT_MS, ACTIVITY_SLOTS } from "../../schema/limits";
import type { Activity } from "../../schema/status";
import { expectNoAxeFinding } from "../axe";
import { expect, LONG, test } from "../fixtures";
import { atRest, message, open, rows, scroller, texts } from "../page";
import { scriptedWall } from "../scripted-wall";

/** The page loads 500 of them. */
const SIZE = 1_200;

const reach = (page: Page) => page.getByTestId("reach");
const ribbon = (page: Page) => page.getByTestId("ribbon");

test("a search ignores accents and marks the words as they were written", async ({ page }) => {
  const wall = await scriptedWall(page, 3);
  wall.add("Grüße von Zoë aus İstanbul");
  await open(page);
  await page.keyboard.press("/");
  await page.getByRole("searchbox").fill("zoe istanbul");
  await expect(rows(page)).toHaveCount(1);
  await expect(rows(page).locator("mark.match")).toHaveText(["Zoë", "İstanbul"]);
  await page.getByRole("searchbox").fill("gru\u0308sse");
  await expect(rows(page).locator("mark.match")).toHaveText(["Grüße"]);
});

test(
  "a search reads older messages on request, can be stopped, and leads to what it found",
  LONG,
  async ({ page }) => {
    const wall = await scriptedWall(page, SIZE);
    await open(page);
    await page.keyboard.press("/");
    await page.getByRole("searchbox").fill("message 299");
    await expect(page.getByText("No matches in loaded messages.")).toBeVisible();

    await page.getByRole("button", { name: "Search older messages" }).click();
    await page.getByRole("button", { name: "Stop" }).click();
    await expect(page.getByRole("button", { name: "Search older messages" })).toBeVisible();
    await expect(reach(page)).toContainText("Searched back to");

    await page.getByRole("button", { name: "Search older messages" }).click();
    await expect(rows(page)).toHaveCount(1);
    await expect(reach(page)).toHaveText("Searched all 1,200 messages, back to the first one.");
    const places = wall.reads.filter((query) => query.has("before")).map(String);
    expect(places).toEqual([...new Set(places)]);
    await expectNoAxeFinding(page);

    await message(page, "message 299").getByRole("link").click();
    await expect(page.getByRole("searchbox")).toHaveCount(0);
    await expect(message(page, "message 299")).toBeInViewport();
    await expect(message(page, "message 300")).toBeInViewport();
  },
);

test(
  "a time can be jumped to from the search bar, also before the loaded messages",
  LONG,
  async ({ page }) => {
    const wall = await scriptedWall(page, SIZE);
    await open(page);
    await page.keyboard.press("/");
    const { timestamp } = wall.commentAt(299);
    const minute = await page.evaluate((ms) => {
      const local = new Date(ms - new Date(ms).getTimezoneOffset() * 60_000);
      return local.toISOString().slice(0, 16);
    }, timestamp);
    await page.getByLabel("Jump to time").fill(minute);
    await expectNoAxeFinding(page);
    await page.getByRole("button", { name: "Go", exact: true }).click();
    const secondsLeft = 59 - Math.floor((timestamp % 60_000) / 1_000);
    await expect(message(page, `message ${300 + secondsLeft}`)).toBeInViewport();

    await page.keyboard.press("/");
    await page.getByLabel("Jump to time").fill("2001-01-01T00:00");
    await page.getByRole("button", { name: "Go", exact: true }).click();
    await expect(page.getByText("The wall has no messages that early.")).toBeVisible();
  },
);

/** The distance of the message from the top of the window, in px. */
const topOf = (page: Page, text: string) =>
  message(page, text).evaluate((row) => row.getBoundingClientRect().top);

test.describe("a closed search", () => {
  for (const [way, close] of [
    ["Escape", (page: Page) => page.keyboard.press("Escape")],
    ["Back", (page: Page) => page.goBack()],
  ] as const)
    test(`leads back to the reader's place (${way})`, LONG, async ({ page }) => {
      const wall = await scriptedWall(page, 300);
      for (let index = 0; index < 60; index += 1) wall.add(`${index} of another kind`);
      await open(page);
      await scroller(page).hover();
      await expect(async () => {
        await page.mouse.wheel(0, -900);
        expect((await texts(page))[0]).toBe("message 1");
      }).toPass({ intervals: [20] });
      await message(page, "message 150").scrollIntoViewIfNeeded();
      await message(page, "message 150").hover();
      await atRest(page);
      const before = await topOf(page, "message 150");
      await page.keyboard.press("/");
      await page.getByRole("searchbox").fill("another kind");
      await expect(message(page, "59 of another kind")).toBeInViewport();
      await scroller(page).hover();
      await page.mouse.wheel(0, -200);
      await expect(message(page, "59 of another kind")).not.toBeInViewport();
      await page.getByRole("searchbox").focus();
      await close(page);
      await expect(page.getByRole("searchbox")).toHaveCount(0);
      await expect.poll(() => topOf(page, "message 150")).toBeCloseTo(before, 0);
    });

  test("keeps a reader at the bottom there", LONG, async ({ page }) => {
    await scriptedWall(page, 300);
    await open(page);
    await page.keyboard.press("/");
    await page.getByRole("searchbox").fill("message 1");
    await expect(page.getByTestId("found")).toHaveText("138 of 300");
    await scroller(page).hover();
    await page.mouse.wheel(0, -900);
    await expect(message(page, "message 291")).not.toBeInViewport();
    await page.getByRole("button", { name: "Close" }).click();
    await expect(message(page, "message 300")).toBeInViewport();
  });
});

test("Enter in the search field leads to the results", async ({ page }) => {
  await scriptedWall(page, 30);
  await open(page);
  await page.keyboard.press("/");
  await page.getByRole("searchbox").fill("message 2");
  await expect(rows(page)).toHaveCount(12);
  await page.keyboard.press("Enter");
  await expect(message(page, "message 29")).toBeFocused();
  await page.keyboard.press("k");
  await expect(message(page, "message 28")).toBeFocused();
});

test("Escape from a search draws no ring around the log", async ({ page }) => {
  await scriptedWall(page, 3);
  await open(page);
  await page.keyboard.press("/");
  await expect(page.getByRole("searchbox")).toBeFocused();
  await page.keyboard.press("Escape");
  await expect(scroller(page)).toBeFocused();
  await expect(scroller(page)).toHaveCSS("outline-style", "none");
});

/** Answers the status with these counts, oldest first, of which the last is the current ten minutes. */
async function countActivity(page: Page, counts: number[]) {
  const from = Math.floor(Date.now() / ACTIVITY_SLOT_MS - ACTIVITY_SLOTS + 1) * ACTIVITY_SLOT_MS;
  const quiet = new Array<number>(ACTIVITY_SLOTS - counts.length).fill(0);
  const activity: Activity = { from, slotMs: ACTIVITY_SLOT_MS, counts: [...quiet, ...counts] };
  await page.route("**/api/status", (route) => route.fulfill({ json: { activity } }));
}

test.describe("on a wide screen", () => {
  test.use({ viewport: { width: 1440, height: 900 } });

  for (const colorScheme of ["dark", "light"] as const)
    test(
      `the ribbon shows the day and goes to a time, loaded or not (${colorScheme})`,
      LONG,
      async ({ page }) => {
        // The page and the test must see the same slot of the day.
        const slotEndsIn = ACTIVITY_SLOT_MS - (Date.now() % ACTIVITY_SLOT_MS);
        test.setTimeout(120_000);
        if (slotEndsIn < 30_000) await delay(slotEndsIn);
        await page.emulateMedia({ colorScheme });
        await countActivity(page, [30, 0, 60, 600, 600, 600, 600]);
        const wall = await scriptedWall(page, SIZE);
        await open(page);
        const box = await ribbon(page).locator("canvas").boundingBox();
        if (!box) throw new Error("no ribbon");
        await expectNoAxeFinding(page);

        // Below the middle, a place in the time before the loaded messages.
        const end = Math.floor(Date.now() / ACTIVITY_SLOT_MS + 1) * ACTIVITY_SLOT_MS;
        const wanted = wall.commentAt(300).timestamp;
        const back = (end - wanted) / (ACTIVITY_SLOTS * ACTIVITY_SLOT_MS);
        const x = box.x + box.width / 2;
        await page.mouse.move(x, box.y + box.height * (1 - back));
        await expect(ribbon(page).getByText(/\d messages$/)).toBeVisible();
        await page.mouse.down();
        await page.mouse.up();
        const shownId = page.locator("article:focus");
        await expect
          .poll(async () =>
            Math.abs(Number((await shownId.getAttribute("id"))?.slice(0, 13)) - wanted),
          )
          .toBeLessThan(ACTIVITY_SLOT_MS / 2);
        await expect(shownId).toBeInViewport();

        await page.mouse.move(x, box.y + box.height - 1);
        await page.mouse.down();
        await page.mouse.up();
        await expect(message(page, `message ${SIZE}`)).toBeInViewport();
      },
    );

  test("a narrow window has no ribbon", async ({ page }) => {
    await countActivity(page, [1]);
    await scriptedWall(page, 5);
    await open(page);
    await expect(ribbon(page)).toBeVisible();
    await page.setViewportSize({ width: 1_200, height: 900 });
    await expect(ribbon(page)).toHaveCount(0);
  });
});
