/** The wall as two people in two browsers live it. */
import type { Page, Route } from "@playwright/test";
import { expect, test } from "./fixtures";
import { scriptedWall } from "./scripted-wall";
import { setVisibility } from "./visibility";

const COMMENTS = "/api/comments";

/** From the acknowledged send to the other screen: one poll, and a second for all the rest. */
const SHOWN_WITHIN_MS = 5_000 + 1_000;

const POLL_INTERVAL_MS = 5_000;

/** The browser reports each request that a test makes fail. */
const NETWORK_ERROR = /Failed to load resource/;

/** Words that no other test has said: all share one wall. */
const unique = (words: string) => `${words} ${crypto.randomUUID().slice(0, 8)}`;

const box = (page: Page) => page.getByRole("textbox", { name: "Message", exact: true });
const log = (page: Page) => page.getByRole("log");
const message = (page: Page, text: string) =>
  log(page).getByRole("article").filter({ hasText: text });
const status = (page: Page) => page.getByTestId("freshness");

async function open(page: Page) {
  await page.goto("/");
  await expect(log(page)).toHaveAttribute("aria-busy", "false");
}

/** Writes and sends; resolves to when the wall acknowledged it. */
async function say(page: Page, text: string): Promise<number> {
  const answer = page.waitForResponse(
    (response) => response.request().method() === "POST" && response.url().endsWith(COMMENTS),
  );
  await box(page).fill(text);
  await box(page).press("Enter");
  expect((await answer).ok()).toBe(true);
  return Date.now();
}

async function expectShownInTime(page: Page, text: string, acknowledgedAt: number) {
  await expect(message(page, text)).toBeVisible();
  expect(Date.now() - acknowledgedAt).toBeLessThanOrEqual(SHOWN_WITHIN_MS);
}

/** Handles the posts of a page, and leaves its reads alone. */
async function routePosts(page: Page, handle: (route: Route, attempt: number) => Promise<void>) {
  const nonces: string[] = [];
  await page.route(`**${COMMENTS}`, async (route) => {
    if (route.request().method() !== "POST") return route.continue();
    nonces.push(route.request().postDataJSON().nonce);
    await handle(route, nonces.length);
  });
  return nonces;
}

/** How often the wall has it, whatever the page shows. */
async function countOnWall(page: Page, text: string): Promise<number> {
  const { comments } = await (await page.request.get(COMMENTS)).json();
  return comments.filter((comment: { text: string }) => comment.text === text).length;
}

async function expectOnce(page: Page, text: string) {
  await expect(message(page, text)).toHaveCount(1);
  await expect.poll(() => countOnWall(page, text)).toBe(1);
  await page.reload();
  await expect(message(page, text)).toHaveCount(1);
}

test.describe("two browsers", () => {
  test("what one says the other sees within a poll and a second, both ways", async ({
    page,
    openVisitor,
  }) => {
    const other = await openVisitor();
    await Promise.all([open(page), open(other)]);

    const hello = unique("hello from one");
    await expectShownInTime(other, hello, await say(page, hello));
    const answer = unique("hello from the other");
    await expectShownInTime(page, answer, await say(other, answer));

    for (const reader of [page, other]) {
      await reader.reload();
      await expect(message(reader, hello)).toBeVisible();
      await expect(message(reader, answer)).toBeVisible();
    }
  });

  test("see each other's name and colour, which a reload keeps", async ({ page, openVisitor }) => {
    const other = await openVisitor();
    await Promise.all([open(page), open(other)]);
    const name = unique("ada").slice(-16).trim();
    await page.getByLabel("Your name").fill(name);
    await page.getByRole("button", { name: "Your colour" }).click();
    await page.getByRole("radio", { name: "olive" }).click();
    await expect(page.getByRole("radio")).toHaveCount(0);
    const text = unique("in my colour");
    await say(page, text);
    await expect(message(other, text)).toContainText(name);

    const { comments } = await (await page.request.get(COMMENTS)).json();
    const mine = comments.find((comment: { text: string }) => comment.text === text);
    expect(mine).toMatchObject({ username: name, color: "#c9c63b" });
    await page.reload();
    await expect(page.getByLabel("Your name")).toHaveValue(name);
  });
});

test.describe("sending", () => {
  test("shows the message at once, dimmed, and then as sent, in one place", async ({ page }) => {
    await open(page);
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    await routePosts(page, async (route) => {
      await held;
      await route.continue();
    });
    const text = unique("on its way");
    await box(page).fill(text);
    await box(page).press("Enter");
    await expect(box(page)).toHaveValue("");
    await expect(message(page, text)).toHaveAttribute("data-state", "sending");
    const row = await message(page, text).elementHandle();
    release();
    await expect(message(page, text)).toHaveAttribute("data-state", "sent");
    await expect(message(page, text)).toHaveCount(1);
    expect(await row?.evaluate((element) => element.isConnected)).toBe(true);
  });

  test("Enter sends, Shift+Enter breaks the line, and a composition's Enter does neither", async ({
    page,
  }) => {
    await open(page);
    const text = unique("first line");
    await box(page).fill(text);
    await box(page).press("Shift+Enter");
    await box(page).pressSequentially("second line");
    await box(page).dispatchEvent("keydown", { key: "Enter", isComposing: true, bubbles: true });
    await expect(box(page)).toHaveValue(`${text}\nsecond line`);
    await box(page).press("Enter");
    await expect(box(page)).toHaveValue("");
    await expect(message(page, text)).toHaveAttribute("data-state", "sent");
    await expect(message(page, text)).toHaveCount(1);
    expect(await message(page, text).locator("p").first().textContent()).toBe(
      `${text}\nsecond line`,
    );
  });

  test("markup is text, in a message and in a name", async ({ page, openVisitor }) => {
    const other = await openVisitor();
    await Promise.all([open(page), open(other)]);
    const text = unique(
      `<script>window.pwned = 1</script><img src=x onerror="window.pwned = 1"> & &lt;`,
    );
    await page.getByLabel("Your name").fill("<b>bold</b>");
    await say(page, text);
    for (const reader of [page, other]) {
      await expect(message(reader, text)).toBeVisible();
      await expect(log(reader).getByText("<b>bold</b>").last()).toBeVisible();
      await expect(log(reader).locator("b, img, script")).toHaveCount(0);
      expect(await reader.evaluate(() => "pwned" in window)).toBe(false);
    }
  });

  test("nothing empty, nothing too long; the counter says so", async ({ page }) => {
    await open(page);
    const send = page.getByRole("button", { name: "Send" });
    const left = page.getByTestId("characters-left");
    await box(page).fill(" \n ");
    await expect(send).toBeDisabled();
    await box(page).fill("a".repeat(799));
    await expect(left).toHaveCount(0);
    await box(page).fill("🌙".repeat(800));
    await expect(left).toHaveText("200 left");
    await box(page).fill("a".repeat(1_003));
    await expect(left).toHaveText("3 too many");
    await expect(send).toBeDisabled();
    await box(page).press("Enter");
    await expect(box(page)).toHaveValue("a".repeat(1_003));
  });
});

test.describe("a send that fails", () => {
  test.use({ expectedConsole: [NETWORK_ERROR] });

  test("keeps the text, and Retry sends it once", async ({ page }) => {
    await open(page);
    const nonces = await routePosts(page, (route, attempt) =>
      attempt === 1 ? route.abort() : route.continue(),
    );
    const text = unique("second time lucky");
    await box(page).fill(text);
    await box(page).press("Enter");
    await expect(message(page, text)).toHaveAttribute("data-state", "failed");
    await message(page, text).getByRole("button", { name: "Retry" }).click();
    await expect(message(page, text)).toHaveAttribute("data-state", "sent");
    expect(nonces[1]).toBe(nonces[0]);
    await expectOnce(page, text);
  });

  test("can be discarded", async ({ page }) => {
    await open(page);
    await routePosts(page, (route) => route.abort());
    const text = unique("better not");
    await box(page).fill(text);
    await box(page).press("Enter");
    await message(page, text).getByRole("button", { name: "Discard" }).click();
    await expect(message(page, text)).toHaveCount(0);
    expect(await countOnWall(page, text)).toBe(0);
  });

  test("only on its way back is one message, retried before a poll has it", async ({ page }) => {
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
    await box(page).fill(text);
    await box(page).press("Enter");
    await message(page, text).getByRole("button", { name: "Retry" }).click();
    await expect(message(page, text)).toHaveAttribute("data-state", "sent");
    expect(nonces).toHaveLength(2);
    expect(nonces[1]).toBe(nonces[0]);
    await page.unroute(reads);
    await expectOnce(page, text);
  });

  test("only on its way back is settled by the poll that has it", async ({ page }) => {
    await open(page);
    await routePosts(page, async (route) => {
      await route.fetch();
      await route.abort();
    });
    const text = unique("the poll knows");
    await box(page).fill(text);
    await box(page).press("Enter");
    await expect(message(page, text)).toHaveAttribute("data-state", "sent");
    await expectOnce(page, text);
  });
});

test.describe("liveness", () => {
  test("the status says how fresh the wall is", async ({ page }) => {
    await open(page);
    await expect(status(page)).toHaveText(/^live · (now|\d+ s ago)$/);
    await expect(status(page)).toHaveAttribute("data-tone", "calm");
    const first = (await status(page).textContent()) ?? "";
    await expect(status(page)).not.toHaveText(first);
    await expect(status(page)).toHaveText(/^live · (now|\d+ s ago)$/);
  });

  test.describe("through an outage", () => {
    test.use({ expectedConsole: [NETWORK_ERROR] });

    test("goes on by itself, with one poll at a time", async ({ page, openVisitor }) => {
      const other = await openVisitor();
      await Promise.all([open(page), open(other)]);
      const reads = `**${COMMENTS}?*`;
      let refused = 0;
      await page.route(reads, (route) => {
        refused += 1;
        return route.fulfill({ status: 503, headers: { "Retry-After": "1" } });
      });
      await expect(status(page)).toHaveText("reconnecting…");
      const meanwhile = unique("said meanwhile");
      await say(other, meanwhile);
      await expect.poll(() => refused).toBeGreaterThanOrEqual(3);
      // Coming back to the tab asks at once, and must not start a second loop.
      await page.evaluate(() => window.dispatchEvent(new Event("focus")));
      await expect(message(page, meanwhile)).toHaveCount(0);

      await page.unroute(reads);
      await expect(message(page, meanwhile)).toBeVisible({ timeout: 40_000 });
      await expect(status(page)).toHaveText(/^live/);
      const [, second = 0, third = 0] = await pollTimes(page, 3);
      expect(third - second).toBeGreaterThan(POLL_INTERVAL_MS - 500);
    });
  });

  test("a hidden tab does not poll, and asks at once when it is shown again", async ({ page }) => {
    await page.clock.install();
    await open(page);
    const polls: number[] = [];
    page.on("request", (request) => {
      if (request.url().includes(COMMENTS)) polls.push(Date.now());
    });
    await setVisibility(page, "hidden");
    await page.clock.fastForward(10 * POLL_INTERVAL_MS);
    // By the time this one is answered, a poll would have been seen.
    expect(await page.evaluate(async () => (await fetch("/favicon.svg")).ok)).toBe(true);
    expect(polls).toHaveLength(0);
    await setVisibility(page, "visible");
    await expect.poll(() => polls.length).toBe(1);
  });
});

test.describe("reading", () => {
  test("an empty wall invites", async ({ page }) => {
    await page.route(`**${COMMENTS}*`, (route) =>
      route.fulfill({
        json: {
          comments: [],
          removed: [],
          cursor: "aaaaaaaa.0",
          rebuiltAt: Date.now(),
          gap: false,
        },
      }),
    );
    await open(page);
    await expect(page.getByText("Nobody has written here yet")).toBeVisible();
    await expect(log(page)).toBeEmpty();
    await box(page).fill("me first");
    await expect(page.getByRole("button", { name: "Send" })).toBeEnabled();
  });

  test("the log is there, empty and busy, before history fills it", async ({ page }) => {
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    await page.route(`**${COMMENTS}`, async (route) => {
      await held;
      await route.continue();
    });
    await page.goto("/");
    await expect(log(page)).toHaveAttribute("aria-busy", "true");
    await expect(log(page)).toBeEmpty();
    release();
    await expect(log(page)).toHaveAttribute("aria-busy", "false");
  });

  test("follows the newest message at the bottom, and moves nothing further up", async ({
    page,
  }) => {
    const wall = await scriptedWall(page, 80);
    await open(page);
    const scroller = page.getByRole("main");
    await expect(message(page, "message 80")).toBeInViewport();
    wall.add("while at the bottom");
    await expect(message(page, "while at the bottom")).toBeInViewport();

    await scroller.evaluate((element) => element.scrollTo({ top: element.scrollHeight / 2 }));
    await expect(message(page, "while at the bottom")).not.toBeInViewport();
    const before = await scroller.evaluate((element) => element.scrollTop);
    wall.add("while further up");
    await expect(message(page, "while further up")).toHaveCount(1);
    expect(await scroller.evaluate((element) => element.scrollTop)).toBe(before);
    await expect(message(page, "while further up")).not.toBeInViewport();
  });
});

/** When the page asked, the next `count` times. */
async function pollTimes(page: Page, count: number): Promise<number[]> {
  const times: number[] = [];
  while (times.length < count) {
    await page.waitForRequest((request) => request.url().includes(COMMENTS));
    times.push(Date.now());
  }
  return times;
}
