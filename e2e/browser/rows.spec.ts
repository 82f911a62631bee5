/** Rows that stand out, and rows that are new. */
import type { Page } from "@playwright/test";
import { expect, LONG, test } from "../fixtures";
import { box, message, NETWORK_ERROR, nextPoll, open, openWithKeys, scroller } from "../page";
import { scriptedWall } from "../scripted-wall";

test.describe("rows that concern the reader", () => {
  test.use({ expectedConsole: [NETWORK_ERROR] });

  test(
    "stand out faintly: one's own, and those that contain one's name",
    LONG,
    async ({ page }) => {
      const wall = await scriptedWall(page, 3);
      wall.add({ text: "good night, Mira", username: "noor" });
      await open(page);
      await page.getByLabel("Your name").fill("mira");
      await page.route("**/api/comments", (route) =>
        route.request().method() === "POST" ? route.abort() : route.fallback(),
      );
      await box(page).fill("mine");
      await box(page).press("Enter");
      const ground = (text: string) =>
        message(page, text).evaluate((row) => getComputedStyle(row).backgroundColor);
      await expect(message(page, "mine")).toBeVisible();
      const plain = await ground("message 3");
      await page.mouse.move(0, 0);
      expect(await ground("mine")).not.toBe(plain);
      expect(await ground("good night, Mira")).not.toBe(plain);
      expect(await ground("good night, Mira")).not.toBe(await ground("mine"));
    },
  );
});

test(
  "another reader without a name does not look like oneself, in the same colour either",
  LONG,
  async ({ page }) => {
    const wall = await scriptedWall(page, 3);
    const color = "#ff8a8a";
    await page.addInitScript((own) => localStorage.setItem("saywhatwant:color", own), color);
    wall.add({ text: "a stranger", username: "anonymous", color });
    await open(page);
    const ground = (text: string) =>
      message(page, text).evaluate((row) => getComputedStyle(row).backgroundColor);
    expect(await ground("a stranger")).toBe(await ground("message 3"));
  },
);

test("a tower of accents is clipped, and an ordinary text costs no clip", async ({ page }) => {
  const wall = await scriptedWall(page, 3);
  wall.add({ text: `a${"\u030d".repeat(60)}`, username: "noor" });
  await open(page);
  // Few machines have a font that stacks accents, so the pixels show nothing.
  const clips = page.getByRole("article").locator(".message-text");
  await expect(clips).toHaveCount(4);
  const overflows = clips.evaluateAll((texts) =>
    texts.map((text) => getComputedStyle(text).overflow),
  );
  expect(await overflows).toEqual(["visible", "visible", "visible", "clip"]);
});

test.describe("new rows", () => {
  const watchAnimations = (page: Page) =>
    page.addInitScript(() => {
      const risen: string[] = [];
      Object.assign(window, { risen });
      const { animate } = Element.prototype;
      Element.prototype.animate = function (this: Element, frames, options) {
        if (this.matches("article")) risen.push(this.querySelector("p")?.textContent ?? "");
        return animate.call(this, frames, options);
      };
    });
  const risen = (page: Page) =>
    page.evaluate(() => (window as unknown as { risen: string[] }).risen);

  test("rise, but not those that were there or come from the past", LONG, async ({ page }) => {
    await watchAnimations(page);
    const wall = await scriptedWall(page, 300);
    await openWithKeys(page);
    await expect(message(page, "message 300")).toBeVisible();
    wall.add("one");
    wall.add("two");
    await nextPoll(page);
    await expect(message(page, "two")).toBeVisible();
    expect(await risen(page)).toEqual(["one", "two"]);
    await scroller(page).hover();
    await page.mouse.wheel(0, -3_000);
    await expect(page.getByText("Jump to newest")).toBeVisible();
    await page.getByText("Jump to newest").click();
    await expect(message(page, "two")).toBeInViewport();
    expect(await risen(page)).toEqual(["one", "two"]);
  });

  test.describe("with reduced motion", () => {
    test.use({ reducedMotion: "reduce" });

    test("appear in place", LONG, async ({ page }) => {
      await watchAnimations(page);
      const wall = await scriptedWall(page, 3);
      await openWithKeys(page);
      wall.add("one");
      await nextPoll(page);
      await expect(message(page, "one")).toBeVisible();
      expect(await risen(page)).toEqual([]);
    });
  });
});
