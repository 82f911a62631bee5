/** Names, descriptions and announcements for assistive technology. */
import type { Page } from "@playwright/test";
import { expect, LONG, test } from "../fixtures";
import {
  box,
  log,
  message,
  NETWORK_ERROR,
  nextPoll,
  open,
  pauseClock,
  pointAt,
  rows,
} from "../page";
import { scriptedWall } from "../scripted-wall";

test(
  "each row has a name with its author and time, also inside a group",
  LONG,
  async ({ page }) => {
    await scriptedWall(page, 3);
    await open(page);
    for (const row of await rows(page).all())
      await expect(row).toHaveAccessibleName(/^ada, \d.*\d/);
  },
);

/** The focused row of mira's opinion. */
async function opinionInFocus(page: Page) {
  const wall = await scriptedWall(page, 3);
  wall.add({ text: "an opinion", username: "mira" });
  await open(page);
  const row = message(page, "an opinion");
  await row.focus();
  return row;
}

test("a row in focus is described by its text", LONG, async ({ page }) => {
  const row = await opinionInFocus(page);
  await expect(row).toHaveAccessibleName(/^mira, \d.*\d/);
  await expect(row).toHaveAccessibleDescription("an opinion");
});

test(
  "messages that load, or return when a search is closed, are not announced",
  LONG,
  async ({ page }) => {
    await scriptedWall(page, 30);
    await page.addInitScript(() => {
      const announced: string[] = [];
      Object.assign(window, { announced });
      new MutationObserver((records) => {
        const rows = records.flatMap(({ addedNodes }) => [...addedNodes]);
        // Screen readers learn of the rows after the page has been updated.
        requestAnimationFrame(() => {
          for (const row of rows) {
            const element = row as HTMLElement;
            if (element.matches?.("article") && element.closest("[aria-live=polite]"))
              announced.push(element.textContent);
          }
        });
      }).observe(document, { childList: true, subtree: true });
    });
    const announced = () =>
      page.evaluate(() => (window as unknown as { announced: string[] }).announced.length);
    await open(page);
    await expect(log(page)).toHaveAttribute("aria-live", "polite");
    expect(await announced()).toBe(0);
    await page.keyboard.press("/");
    await page.getByRole("searchbox").fill("message 3");
    await expect(rows(page)).toHaveCount(4);
    await page.keyboard.press("Escape");
    await expect(rows(page)).toHaveCount(30);
    await expect(log(page)).toHaveAttribute("aria-live", "polite");
    expect(await announced()).toBe(0);
  },
);

test("the buttons of a row in focus are not announced as news", LONG, async ({ page }) => {
  await scriptedWall(page, 3);
  await open(page);
  await expect(log(page)).toHaveAttribute("aria-live", "polite");
  await message(page, "message 3").focus();
  const reply = log(page).getByRole("button", { name: "Reply" });
  expect(await reply.evaluate((button) => button.closest("[aria-live]")?.ariaLive)).toBe("off");
});

test("the message field says which message is being answered", LONG, async ({ page }) => {
  await opinionInFocus(page);
  await page.keyboard.press("r");
  await expect(box(page)).toBeFocused();
  await expect(box(page)).toHaveAccessibleDescription("Reply to mira: an opinion");
  await page.keyboard.press("Escape");
  await expect(box(page)).toHaveAccessibleDescription("");
});

test("a quote's button says what it does", LONG, async ({ page }) => {
  const wall = await scriptedWall(page, 3);
  wall.add({ text: "I agree", username: "mira", replyTo: wall.idOf(0) });
  await open(page);
  const quote = message(page, "I agree").locator(".reply-quote");
  await expect(quote).toHaveAccessibleName("Show quoted message: ada message 1");
});

test("Reply and Mute say of whose message", LONG, async ({ page }) => {
  const row = await opinionInFocus(page);
  for (const name of ["Reply", "Mute"]) {
    await expect(row.getByRole("button", { name })).toHaveAccessibleDescription(/^mira, \d.*\d/);
  }
});

test(
  "a new row is announced by its author and text, without its buttons",
  LONG,
  async ({ page }) => {
    const wall = await scriptedWall(page, 3);
    await open(page);
    await expect(log(page)).toHaveAttribute("aria-live", "polite");
    wall.add("one more");
    wall.add({ text: "an opinion", username: "mira" });
    await nextPoll(page);
    await expect(message(page, "an opinion")).toBeVisible();
    await expect(message(page, "one more")).toHaveText(/one more/);
    await expect(message(page, "an opinion")).toHaveText(/^mira.*an opinion$/);
    await expect(log(page).getByRole("button", { name: /Reply|Mute/ })).toHaveCount(0);
    await pointAt(page, "an opinion");
    await expect(log(page).getByRole("button", { name: /Reply|Mute/ })).toHaveCount(2);
  },
);

test.describe("over the rate limit", () => {
  test.use({ expectedConsole: [NETWORK_ERROR] });

  test("the countdown is not read out every second", LONG, async ({ page }) => {
    await scriptedWall(page, 3);
    await open(page);
    await page.route("**/api/comments", (route) =>
      route.request().method() === "POST"
        ? route.fulfill({ status: 429, headers: { "Retry-After": "30" } })
        : route.fallback(),
    );
    await box(page).fill("too eager");
    await box(page).press("Enter");
    const countdown = log(page).getByText(/Retrying in \d+ s/);
    await expect(countdown).toBeVisible();
    expect(await countdown.evaluate((element) => element.closest("[aria-live]")?.ariaLive)).toBe(
      "off",
    );
  });
});

test.describe("counts are announced once the reader pauses", () => {
  test("search results", LONG, async ({ page }) => {
    await scriptedWall(page, 30);
    await open(page);
    await page.keyboard.press("/");
    await page.getByRole("searchbox").fill("message 3");
    const status = page.getByRole("search").getByRole("status");
    await expect(status).toHaveText(/^Searched all 30 messages.* 4 found\.$/);
    await status.evaluate((element) => {
      const said: string[] = [];
      new MutationObserver(() => said.push(element.textContent ?? "")).observe(element, {
        childList: true,
        characterData: true,
        subtree: true,
      });
      Object.assign(window, { said });
    });
    // As fast as a person types.
    await pauseClock(page);
    for (const text of ["message", "message 1", "message 12"])
      await page.getByRole("searchbox").fill(text);
    await page.clock.runFor(1_500);
    await expect(status).toHaveText(/ 1 found\.$/);
    expect(await page.evaluate(() => (window as unknown as { said: string[] }).said)).toHaveLength(
      1,
    );
  });

  test("characters left", LONG, async ({ page }) => {
    await scriptedWall(page, 3);
    await open(page);
    await box(page).fill("a".repeat(900));
    await expect(page.getByRole("status").filter({ hasText: "100 characters left" })).toHaveCount(
      1,
    );
    await box(page).fill("a".repeat(1_002));
    await expect(page.getByRole("status").filter({ hasText: "2 characters too many" })).toHaveCount(
      1,
    );
  });
});
