/** Writing on the wall in the page. */
import type { Page } from "@playwright/test";
import { eventually, expect, LONG, test } from "../fixtures";
import {
  act,
  box,
  COMMENTS,
  expectSent,
  gate,
  log,
  message,
  NETWORK_ERROR,
  nextPoll,
  open,
  ready,
  routePosts,
  rows,
  send,
  unique,
} from "../page";
import { refuseChannel, scriptedWall } from "../scripted-wall";

/** These posts go over HTTP, which the tests delay, refuse and lose; e2e/browser/live.spec.ts has the others. */
test.beforeEach(({ page }) => refuseChannel(page));

/** Number of copies on the wall, whatever the page shows. */
async function countOnWall(page: Page, text: string): Promise<number> {
  const { comments } = await (await page.request.get(COMMENTS)).json();
  return comments.filter((comment: { text: string }) => comment.text === text).length;
}

/** Expects the message once on the page, once on the wall, and once after a reload. */
async function expectOnce(page: Page, text: string) {
  await expect(message(page, text)).toHaveCount(1);
  // A wall that stalls may answer once without comments.
  await eventually(async () => expect(await countOnWall(page, text)).toBe(1));
  await page.reload();
  await expect(message(page, text)).toHaveCount(1);
}

test("a message shows at once, dimmed, and becomes sent in place", LONG, async ({ page }) => {
  await open(page);
  const posts = gate();
  await routePosts(page, async (route) => {
    await posts.opened;
    await route.continue();
  });
  const text = unique("on its way");
  await send(page, text);
  await expect(box(page)).toHaveValue("");
  await expect(message(page, text)).toHaveAttribute("data-state", "sending");
  const row = await message(page, text).elementHandle();
  posts.open();
  await expectSent(page, text);
  expect(await row?.evaluate((element) => element.isConnected)).toBe(true);
});

test(
  "Enter sends, Shift+Enter breaks the line, and Enter during a composition does neither",
  LONG,
  async ({ page }) => {
    await open(page);
    const text = unique("first line");
    await box(page).fill(text);
    await box(page).press("Shift+Enter");
    await box(page).pressSequentially("second line");
    for (const asBrowsersSay of [{ isComposing: true }, { keyCode: 229 }]) {
      const enter = { key: "Enter", bubbles: true, ...asBrowsersSay };
      await box(page).dispatchEvent("keydown", enter);
    }
    await expect(box(page)).toHaveValue(`${text}\nsecond line`);
    await box(page).press("Enter");
    await expect(box(page)).toHaveValue("");
    await expectSent(page, text);
    expect(await message(page, text).locator("p").first().textContent()).toBe(
      `${text}\nsecond line`,
    );
  },
);

test.describe("on a touch screen", () => {
  test.use({ hasTouch: true, isMobile: true, viewport: { width: 360, height: 740 } });

  test("Enter breaks the line; the button sends", async ({ page }) => {
    await scriptedWall(page, 3);
    await open(page);
    await routePosts(page, (route) => route.abort());
    await box(page).fill("one line");
    await box(page).press("Enter");
    await expect(box(page)).toHaveValue("one line\n");
  });
});

test(
  "empty and overlong messages can't be sent; the counter shows the excess, and a paste of 5,000 characters is kept",
  LONG,
  async ({ page }) => {
    await scriptedWall(page, 3);
    await open(page);
    const button = page.getByRole("button", { name: "Send" });
    const left = page.getByTestId("characters-left");
    await box(page).fill(" \n ");
    await expect(button).toBeDisabled();
    await box(page).fill("a".repeat(799));
    await expect(left).toHaveCount(0);
    await box(page).fill("🌙".repeat(800));
    await expect(left).toHaveText("200 left");
    await box(page).fill("a".repeat(5_000));
    await expect(left).toHaveText("4000 too many");
    await expect(button).toBeDisabled();
    await box(page).press("Enter");
    await expect(box(page)).toHaveValue("a".repeat(5_000));
  },
);

test("text typed before hydration is kept", async ({ page }) => {
  await scriptedWall(page, 3);
  const scripts = gate();
  await page.route("**/_next/static/**/*.js", async (route) => {
    await scripts.opened;
    await route.continue();
  });
  await page.goto("/", { waitUntil: "commit" });
  await box(page).fill("an early thought");
  scripts.open();
  await expect(rows(page)).toHaveCount(3);
  await expect(page.getByRole("button", { name: "Send" })).toBeEnabled();
  await expect(box(page)).toHaveValue("an early thought");
});

test("the draft survives a reload", LONG, async ({ page }) => {
  await scriptedWall(page, 3);
  await open(page);
  await box(page).fill("half a thought");
  await page.reload();
  await expect(box(page)).toHaveValue("half a thought");
});

test("a reply quotes its original, and the quote jumps there", LONG, async ({ page }) => {
  await open(page);
  const original = unique("tide");
  await send(page, original);
  await expectSent(page, original);
  await act(page, original, "Reply");
  await expect(page.getByText("Reply to")).toBeVisible();
  await expect(box(page)).toBeFocused();
  const answer = unique("high");
  await send(page, answer);
  const quote = message(page, answer).locator(".reply-quote");
  await expect(quote).toContainText(original);
  await quote.click();
  await expect(message(page, original)).toBeFocused();
});

test("Escape closes the palette first, then cancels the reply", LONG, async ({ page }) => {
  await scriptedWall(page, 3);
  await open(page);
  await act(page, "message 3", "Reply");
  await page.getByRole("button", { name: "Your colour" }).click();
  await expect(page.getByRole("radio").first()).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(page.getByRole("radio")).toHaveCount(0);
  await expect(page.getByText("Reply to")).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(page.getByText("Reply to")).toHaveCount(0);
});

test.describe("a failed send", () => {
  test.use({ expectedConsole: [NETWORK_ERROR] });

  test("keeps the text, and Retry sends it once", LONG, async ({ page }) => {
    await open(page);
    const nonces = await routePosts(page, (route, attempt) =>
      attempt === 1 ? route.abort() : route.continue(),
    );
    const text = unique("second time lucky");
    await send(page, text);
    await expect(message(page, text)).toHaveAttribute("data-state", "failed");
    await message(page, text).getByRole("button", { name: "Retry" }).click();
    await expectSent(page, text);
    expect(nonces[1]).toBe(nonces[0]);
    await expectOnce(page, text);
  });

  test("can be discarded", async ({ page }) => {
    await open(page);
    const nonces = await routePosts(page, (route) => route.abort());
    const text = unique("better not");
    await send(page, text);
    await message(page, text).getByRole("button", { name: "Discard" }).click();
    await expect(message(page, text)).toHaveCount(0);
    await page.reload();
    await ready(page);
    await expect(message(page, text)).toHaveCount(0);
    expect(await countOnWall(page, text)).toBe(0);
    expect(nonces).toHaveLength(1);
  });

  test(
    "that only lost its answer is one message when retried before a poll",
    LONG,
    async ({ page }) => {
      await open(page);
      const reads = `**${COMMENTS}?*`;
      await page.route(reads, (route) =>
        route.fulfill({ status: 304, headers: { "Rebuilt-At": String(Date.now()) } }),
      );
      const nonces = await routePosts(page, async (route, attempt) => {
        if (attempt > 1) return route.continue();
        await route.fetch();
        await route.abort();
      });
      const text = unique("it had arrived");
      await send(page, text);
      await message(page, text).getByRole("button", { name: "Retry" }).click();
      await expectSent(page, text);
      expect(nonces).toHaveLength(2);
      expect(nonces[1]).toBe(nonces[0]);
      await page.unroute(reads);
      await expectOnce(page, text);
    },
  );

  test("that only lost its answer is settled by the next poll", LONG, async ({ page }) => {
    await page.clock.install();
    await open(page);
    await routePosts(page, async (route) => {
      await route.fetch();
      await route.abort();
    });
    const text = unique("the poll knows");
    await send(page, text);
    await expect(async () => {
      await nextPoll(page);
      await expect(message(page, text)).toHaveAttribute("data-state", "sent", { timeout: 500 });
    }).toPass();
    await expectOnce(page, text);
  });

  test(
    "over the rate limit, the message shows why, counts down, and is sent automatically, once",
    LONG,
    async ({ page }) => {
      await page.clock.install();
      await open(page);
      const nonces = await routePosts(page, (route, attempt) =>
        attempt > 1
          ? route.continue()
          : route.fulfill({ status: 429, headers: { "Retry-After": "30" } }),
      );
      const text = unique("too eager");
      await send(page, text);
      await expect(message(page, text)).toHaveAttribute("data-state", "waiting");
      await expect(message(page, text)).toContainText(
        /Too many messages.*Retrying in (2\d|3[01]) s/,
      );
      await page.clock.fastForward(20_000);
      await expect(message(page, text)).toContainText(/Retrying in \d+ s/);
      expect(nonces).toHaveLength(1);
      await page.clock.fastForward(11_000);
      await expectSent(page, text);
      expect(new Set(nonces).size).toBe(1);
    },
  );

  test(
    "five messages written offline are sent once and in order after a minute",
    LONG,
    async ({ context, page }) => {
      await page.clock.install();
      await open(page);
      await context.setOffline(true);
      await expect.poll(() => page.evaluate(() => navigator.onLine)).toBe(false);
      const written = [1, 2, 3, 4, 5].map((n) => unique(`from the tunnel ${n}`));
      for (const text of written) await send(page, text);
      await expect(message(page, written[0] ?? "")).toHaveAttribute("data-state", "waiting");
      await expect(page.getByText("You're offline")).toBeVisible();
      await page.clock.runFor(60_000);
      for (const text of written) await expect(message(page, text)).toHaveCount(1);
      await context.setOffline(false);
      for (const text of written) await expectSent(page, text);
      await page.reload();
      for (const text of written) await expect(message(page, text)).toHaveCount(1);
      const shown = await rows(page).locator("p").allTextContents();
      expect(shown.filter((text) => text.startsWith("from the tunnel")).slice(-5)).toEqual(written);
    },
  );

  test("waiting messages survive a reload and keep their nonces", LONG, async ({ page }) => {
    await open(page);
    const nonces = await routePosts(page, (route, attempt) =>
      attempt > 1 ? route.continue() : route.abort(),
    );
    const text = unique("through a reload");
    await send(page, text);
    await expect(message(page, text)).toHaveAttribute("data-state", "failed");
    await page.reload();
    await expectSent(page, text);
    expect(nonces).toHaveLength(2);
    expect(new Set(nonces).size).toBe(1);
  });

  test(
    "after ten failed and ten slow sends, each message is there once",
    LONG,
    async ({ page }) => {
      await open(page);
      const slowly = () => new Promise((resolve) => setTimeout(resolve, 200));
      const nonces = await routePosts(page, async (route, attempt) => {
        if (attempt > 20) return route.continue();
        if (attempt > 10) return slowly().then(() => route.continue());
        // Every second attempt had arrived.
        if (attempt % 2 === 0) await route.fetch();
        return route.abort();
      });
      const written = Array.from({ length: 20 }, (_, index) => unique(`stubborn ${index}`));
      for (const text of written) await send(page, text);
      await expect.poll(() => nonces.length).toBeGreaterThanOrEqual(20);
      const retry = log(page).getByRole("button", { name: "Retry" });
      await expect(async () => {
        for (const button of await retry.all()) await button.click({ timeout: 1_000 });
        await expect(retry).toHaveCount(0, { timeout: 500 });
      }).toPass();
      for (const text of written) await expectSent(page, text);
      await page.reload();
      for (const text of written) await expect(message(page, text)).toHaveCount(1);
    },
  );
});
