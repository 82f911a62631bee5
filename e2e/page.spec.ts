/** What people expect of a chat they like: reading, writing, liveness, access, each by its name. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { Page } from "@playwright/test";
import { expect, test } from "./fixtures";
import { scriptedWall } from "./scripted-wall";
import { setVisibility } from "./visibility";

const COMMENTS = "/api/comments";
const POLL_INTERVAL_MS = 5_000;
const NETWORK_ERROR = /Failed to load resource/;
const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

const unique = (words: string) => `${words} ${crypto.randomUUID().slice(0, 8)}`;
const box = (page: Page) => page.getByRole("textbox", { name: "Message", exact: true });
const log = (page: Page) => page.getByRole("log");
const rows = (page: Page) => log(page).getByRole("article");
const message = (page: Page, text: string) =>
  rows(page).filter({ has: page.locator("p", { hasText: new RegExp(`^${text}$`) }) });
const scroller = (page: Page) => page.getByRole("main");
const pill = (page: Page) => page.locator(".pill");

async function open(page: Page, address = "/") {
  await page.goto(address);
  await expect(log(page)).toHaveAttribute("aria-busy", "false");
}

async function send(page: Page, text: string) {
  await box(page).fill(text);
  await box(page).press("Enter");
}

/** Scrolls up, as a person does, until a row is in view. */
async function scrollUpTo(page: Page, text: string) {
  await scroller(page).hover();
  await expect(async () => {
    await page.mouse.wheel(0, -2_000);
    await expect(message(page, text)).toBeInViewport({ timeout: 100 });
  }).toPass({ timeout: 40_000 });
}

test.describe("reading", () => {
  test("the view does not move by a pixel when messages arrive further down; a pill tells, and goes there", async ({
    page,
  }) => {
    const wall = await scriptedWall(page, 300);
    await open(page);
    await scroller(page).hover();
    await page.mouse.wheel(0, -700);
    await expect(pill(page)).toHaveText(/To the newest/);
    const row = message(page, "message 280");
    const before = await row.boundingBox();
    for (const text of ["one", "two", "three"]) wall.add(text);
    await expect(pill(page)).toHaveText(/3 new messages/);
    await expect(page.getByRole("status")).toHaveText("3 new messages");
    expect(await row.boundingBox()).toEqual(before);
    await pill(page).click();
    await expect(message(page, "three")).toBeInViewport();
    await expect(pill(page)).toHaveCount(0);

    await scroller(page).hover();
    await page.mouse.wheel(0, -700);
    await expect(pill(page)).toHaveCount(1);
    await scroller(page).focus();
    await page.keyboard.press("End");
    await expect(message(page, "three")).toBeInViewport();
    await expect(pill(page)).toHaveCount(0);
  });

  test("an unread line stands where the reader left off", async ({ page }) => {
    const wall = await scriptedWall(page, 50);
    await open(page);
    await setVisibility(page, "hidden");
    for (const text of ["first unseen", "second unseen"]) wall.add(text);
    await setVisibility(page, "visible");
    await expect(message(page, "second unseen")).toBeInViewport();
    const line = page.getByTestId("unread-line");
    await expect(line).toHaveCount(1);
    expect(await line.evaluate((element) => element.nextElementSibling?.textContent)).toContain(
      "first unseen",
    );
  });

  test("the tab title counts what came while the tab was hidden, and another polled", async ({
    context,
    page,
  }) => {
    const wall = await scriptedWall(context, 20);
    await open(page);
    const other = await context.newPage();
    await open(other);
    await setVisibility(page, "hidden");
    wall.add("for both");
    await expect(message(other, "for both")).toBeVisible();
    await expect(page).toHaveTitle("(1) saywhatwant");
    await setVisibility(page, "visible");
    await expect(page).toHaveTitle("saywhatwant");
  });

  test("older messages load on the way up, each once and in order, and the page stays small", async ({
    page,
  }) => {
    const wall = await scriptedWall(page, 1_000);
    await open(page);
    await scrollUpTo(page, "message 1");
    expect(await rows(page).count()).toBeLessThanOrEqual(300);
    const texts = await rows(page).locator("p").allTextContents();
    expect(texts).toEqual(texts.map((_, index) => `message ${index + 1}`));
    const pages = wall.reads.map((query) => query.get("before")).filter(Boolean);
    expect(pages).toHaveLength(5);
    expect(new Set(pages).size).toBe(5);
    await page.getByRole("button", { name: /To the newest/ }).click();
    await expect(message(page, "message 1000")).toBeInViewport();
  });

  test("a step into the past does not jump: what was in view stays where it was", async ({
    page,
  }) => {
    await scriptedWall(page, 500);
    await open(page);
    await scroller(page).hover();
    const first = (await rows(page).first().locator("p").textContent()) ?? "";
    await expect(async () => {
      await page.mouse.wheel(0, -400);
      expect(await rows(page).first().locator("p").textContent()).not.toBe(first);
    }).toPass();
    // The row that was the first one is where the wheel left it: right above, the new ones.
    const top = await message(page, first).evaluate((row) => row.getBoundingClientRect().top);
    const scrolled = await scroller(page).evaluate((element) => element.scrollTop);
    expect(scrolled).toBeGreaterThan(1_000);
    expect(top).toBeLessThan(1_000);
  });

  test("more than 500 messages that came meanwhile are all there, once", async ({ page }) => {
    const wall = await scriptedWall(page, 10);
    await open(page);
    await setVisibility(page, "hidden");
    for (let index = 0; index < 1_200; index += 1) wall.add(`burst ${index}`);
    await setVisibility(page, "visible");
    await expect(message(page, "burst 1199")).toBeVisible();
    await page.keyboard.press("/");
    await page.getByRole("searchbox").fill("burst");
    await expect(page.getByTestId("found")).toHaveText("1200 of 1210");
  });

  test("search by words, filter by a click on a name, and the URL shows the same to others", async ({
    page,
    openVisitor,
  }) => {
    const fill = async (target: Page) => {
      const wall = await scriptedWall(target, 3);
      wall.add({ text: "the ferry is late", username: "mira" });
      wall.add({ text: "so is the bus", username: "mira" });
      wall.add({ text: "tide tables", username: "harbour", type: "bot" });
    };
    await fill(page);
    await open(page);
    await page.getByRole("button", { name: "Search" }).click();
    await page.getByRole("searchbox").fill("FERRY late");
    await expect(rows(page)).toHaveCount(1);
    await expect(rows(page).locator("mark.match")).toHaveText(["ferry", "late"]);
    await page.getByRole("searchbox").fill("");
    await rows(page).getByRole("button", { name: "mira" }).click();
    await expect(rows(page)).toHaveCount(2);

    const other = await openVisitor();
    await fill(other);
    await open(other, page.url());
    await expect(rows(other)).toHaveCount(2);
    await other.getByRole("button", { name: "by mira" }).click();
    await other.getByLabel("Who is shown").selectOption("bots");
    await expect(rows(other)).toHaveCount(1);
    await other.getByRole("button", { name: "Close" }).click();
    await expect(rows(other)).toHaveCount(6);
    expect(new URL(other.url()).search).toBe("");
  });

  test("a muted author is not shown, also after a reload, until unmuted", async ({ page }) => {
    const wall = await scriptedWall(page, 2);
    wall.add({ text: "noise", username: "loud" });
    await open(page);
    await rows(page).last().hover();
    await rows(page).last().getByRole("button", { name: "Mute" }).click();
    await expect(message(page, "noise")).toHaveCount(0);
    await page.reload();
    await expect(rows(page)).toHaveCount(2);
    await page.getByRole("button", { name: "Help and settings" }).click();
    await page.getByRole("button", { name: "Unmute loud" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Close" }).click();
    await expect(message(page, "noise")).toBeVisible();
  });

  test("links are links, one's own name stands out, emoji alone are large", async ({ page }) => {
    const wall = await scriptedWall(page, 1);
    wall.add("see https://example.com/a and javascript:alert(1)");
    wall.add("good night, Mira");
    wall.add("🌙");
    await open(page);
    await page.getByLabel("Your name").fill("mira");
    const link = log(page).locator("p a");
    await expect(link).toHaveCount(1);
    await expect(link).toHaveAttribute("href", "https://example.com/a");
    await expect(link).toHaveAttribute("rel", "noopener noreferrer nofollow ugc");
    await expect(log(page).locator("mark.mention")).toHaveText("Mira");
    await expect(message(page, "🌙").locator("p")).toHaveCSS("font-size", "36px");
  });

  test("a time is a permalink, which opens with its message in view", async ({ page }) => {
    const wall = await scriptedWall(page, 400);
    const id = wall.idOf(99);
    await open(page, `/#${id}`);
    await expect(message(page, "message 100")).toBeInViewport();
    await expect(message(page, "message 100")).toBeFocused();
    const time = message(page, "message 100").locator("a time");
    await expect(time).toHaveAttribute("datetime", new Date(Number(id.slice(0, 13))).toISOString());
    await expect(time).toHaveAttribute("title", /\d{4}/);
  });

  test("right-to-left text and bidi controls do not disturb their neighbours", async ({ page }) => {
    const wall = await scriptedWall(page, 1);
    wall.add({ text: "שלום \u202e abc", username: "\u202eevil" });
    wall.add("after");
    await open(page);
    const paragraph = rows(page).nth(1).locator("p");
    await expect(paragraph).toHaveCSS("direction", "rtl");
    await expect(message(page, "after").locator("p")).toHaveCSS("direction", "ltr");
    const left = (index: number) =>
      rows(page)
        .nth(index)
        .evaluate((row) => row.getBoundingClientRect().left);
    expect(await left(2)).toBe(await left(0));
  });
});

test.describe("writing", () => {
  test("the draft survives a reload", async ({ page }) => {
    await scriptedWall(page, 3);
    await open(page);
    await box(page).fill("half a thought");
    await page.reload();
    await expect(box(page)).toHaveValue("half a thought");
  });

  test("a paste of 5,000 characters is kept, counted, and not sent", async ({ page }) => {
    await scriptedWall(page, 3);
    await open(page);
    await box(page).fill("a".repeat(5_000));
    await expect(page.getByTestId("characters-left")).toHaveText("4000 too many");
    await expect(page.getByRole("button", { name: "Send" })).toBeDisabled();
    await expect(box(page)).toHaveValue("a".repeat(5_000));
  });

  test("a reply quotes its original, and the quote leads there", async ({ page }) => {
    await open(page);
    const original = unique("what is the tide");
    await send(page, original);
    await expect(message(page, original)).toHaveAttribute("data-state", "sent");
    await message(page, original).hover();
    await message(page, original).getByRole("button", { name: "Reply" }).click();
    await expect(page.getByText("Reply to")).toBeVisible();
    await expect(box(page)).toBeFocused();
    const answer = unique("high");
    await send(page, answer);
    const quote = message(page, answer).locator(".reply-quote");
    await expect(quote).toContainText(original);
    await quote.click();
    await expect(message(page, original)).toBeFocused();
  });

  test.describe("against trouble", () => {
    test.use({ expectedConsole: [NETWORK_ERROR] });

    test("over the rate limit it says so, counts down, and sends by itself, once", async ({
      page,
    }) => {
      await open(page);
      const nonces: string[] = [];
      await page.route(`**${COMMENTS}`, (route) => {
        if (route.request().method() !== "POST") return route.fallback();
        nonces.push(route.request().postDataJSON().nonce);
        return nonces.length > 1
          ? route.continue()
          : route.fulfill({ status: 429, headers: { "Retry-After": "3" } });
      });
      const text = unique("too eager");
      await send(page, text);
      await expect(message(page, text)).toHaveAttribute("data-state", "waiting");
      await expect(message(page, text)).toContainText(/Too many messages.*again in \d s/);
      await expect(message(page, text)).toHaveAttribute("data-state", "sent");
      await expect(message(page, text)).toHaveCount(1);
      expect(new Set(nonces).size).toBe(1);
    });

    test("offline, five messages wait; back online all five are there, once and in order", async ({
      context,
      page,
      openVisitor,
    }) => {
      await open(page);
      await context.setOffline(true);
      const texts = [1, 2, 3, 4, 5].map((n) => unique(`from the tunnel ${n}`));
      for (const text of texts) await send(page, text);
      await expect(message(page, texts[0] ?? "")).toHaveAttribute("data-state", "waiting");
      await expect(page.getByText("Waiting for the network")).toBeVisible();
      await context.setOffline(false);
      for (const text of texts)
        await expect(message(page, text)).toHaveAttribute("data-state", "sent");
      const other = await openVisitor();
      await open(other);
      const shown = (await rows(other).locator("p").allTextContents()).filter((text) =>
        text.startsWith("from the tunnel"),
      );
      expect(shown.slice(-5)).toEqual(texts);
    });

    test("what waits survives a reload, and goes under the same nonce", async ({ page }) => {
      await open(page);
      const nonces: string[] = [];
      await page.route(`**${COMMENTS}`, (route) => {
        if (route.request().method() !== "POST") return route.fallback();
        nonces.push(route.request().postDataJSON().nonce);
        return nonces.length > 1 ? route.continue() : route.abort();
      });
      const text = unique("through a reload");
      await send(page, text);
      await expect(message(page, text)).toHaveAttribute("data-state", "failed");
      await page.reload();
      await expect(message(page, text)).toHaveAttribute("data-state", "sent");
      await expect(message(page, text)).toHaveCount(1);
      expect(new Set(nonces).size).toBe(1);
    });

    test("ten failed and ten slow sends end with each message once", async ({ page }) => {
      await open(page);
      let posts = 0;
      await page.route(`**${COMMENTS}`, async (route) => {
        if (route.request().method() !== "POST") return route.fallback();
        posts += 1;
        if (posts > 20) return route.continue();
        // Every other one had arrived.
        if (posts % 2 === 0) await route.fetch();
        return route.abort();
      });
      const texts = Array.from({ length: 20 }, (_, index) => unique(`stubborn ${index}`));
      for (const text of texts) await send(page, text);
      await expect.poll(() => posts).toBe(20);
      const retry = log(page).getByRole("button", { name: "Retry" });
      await expect(async () => {
        for (const button of await retry.all()) await button.click({ timeout: 1_000 });
        await expect(retry).toHaveCount(0, { timeout: 2_000 });
      }).toPass();
      for (const text of texts) {
        await expect(message(page, text)).toHaveAttribute("data-state", "sent");
        await expect(message(page, text)).toHaveCount(1);
      }
    });
  });
});

test.describe("liveness", () => {
  test("two tabs make one poll, and hiding the one that polls hands it over", async ({
    context,
    page,
  }) => {
    const wall = await scriptedWall(context, 20);
    await open(page);
    const other = await context.newPage();
    await open(other);
    const polls: Page[] = [];
    context.on("request", (request) => {
      if (request.url().includes(COMMENTS)) polls.push(request.frame().page());
    });
    wall.add("heard by both");
    await Promise.all(
      [page, other].map((tab) => expect(message(tab, "heard by both")).toBeVisible()),
    );
    await expect.poll(() => polls.length, { timeout: 3 * POLL_INTERVAL_MS }).toBe(2);
    const [poller] = polls;
    expect(polls.every((tab) => tab === poller)).toBe(true);

    await setVisibility(poller as Page, "hidden");
    polls.length = 0;
    wall.add("after the change");
    await Promise.all(
      [page, other].map((tab) => expect(message(tab, "after the change")).toHaveCount(1)),
    );
    expect(polls.every((tab) => tab !== poller)).toBe(true);
  });

  test.describe("through an outage", () => {
    test.use({ expectedConsole: [NETWORK_ERROR] });

    test("a return visit paints at once what was kept, though the wall can't be reached", async ({
      page,
    }) => {
      const wall = await scriptedWall(page, 30);
      await open(page);
      await expect.poll(() => page.evaluate(countKept)).toBe(1);
      wall.failWith(503);
      await page.reload();
      await expect(message(page, "message 30")).toBeVisible();
      await expect(page.getByTestId("freshness")).toHaveText("reconnecting…");
      wall.add("back again");
      wall.failWith(null);
      await expect(message(page, "back again")).toBeVisible({ timeout: 40_000 });
      await expect(message(page, "message 30")).toHaveCount(1);
    });
  });
});

test.describe("access", () => {
  test("everything by keyboard: through messages, reply, search, help", async ({ page }) => {
    await scriptedWall(page, 30);
    await open(page);
    await page.keyboard.press("k");
    await expect(message(page, "message 30")).toBeFocused();
    await page.keyboard.press("k");
    await page.keyboard.press("ArrowUp");
    await expect(message(page, "message 28")).toBeFocused();
    await page.keyboard.press("j");
    await expect(message(page, "message 29")).toBeFocused();
    await page.keyboard.press("r");
    await expect(box(page)).toBeFocused();
    await expect(page.getByText("Reply to")).toContainText("message 29");
    await page.keyboard.press("Escape");
    await expect(page.getByText("Reply to")).toHaveCount(0);
    await scroller(page).focus();
    await page.keyboard.press("/");
    await expect(page.getByRole("searchbox")).toBeFocused();
    await page.keyboard.press("Escape");
    await expect(page.getByRole("searchbox")).toHaveCount(0);
    await scroller(page).focus();
    await page.keyboard.press("?");
    await expect(page.getByRole("dialog", { name: "Help and settings" })).toBeVisible();
    await page.keyboard.press("Escape");
    await expect(page.getByRole("dialog")).toHaveCount(0);
  });

  for (const colorScheme of ["dark", "light"] as const) {
    test.describe(`in the ${colorScheme} scheme`, () => {
      test.use({ colorScheme });

      test("axe finds nothing on the wall, the empty wall, the search and the help", async ({
        page,
      }) => {
        const wall = await scriptedWall(page, 0);
        await open(page);
        await expect(page.getByText("Nobody has written here yet")).toBeVisible();
        await expectNoAxeFinding(page);
        wall.add({ text: "https://example.com", username: "mira" });
        wall.add({ text: "an answer", username: "tide", type: "bot", replyTo: wall.idOf(0) });
        await expect(rows(page)).toHaveCount(2);
        await expectNoAxeFinding(page);
        await page.keyboard.press("/");
        await expect(page.getByRole("searchbox")).toBeVisible();
        await expectNoAxeFinding(page);
        await page.getByRole("button", { name: "Help and settings" }).click();
        await expect(page.getByRole("dialog")).toBeVisible();
        await expectNoAxeFinding(page);
      });
    });
  }
});

/** Runs in the page: how many walls this browser keeps. */
function countKept(): Promise<number> {
  return new Promise((resolve, reject) => {
    const opening = indexedDB.open("keyval-store");
    opening.onerror = () => reject(opening.error);
    opening.onsuccess = () => {
      const counting = opening.result.transaction("keyval").objectStore("keyval").count();
      counting.onsuccess = () => {
        opening.result.close();
        resolve(counting.result);
      };
    };
  });
}

async function expectNoAxeFinding(page: Page) {
  await page.evaluate(AXE);
  const findings = await page.evaluate(async () => {
    // @ts-expect-error: axe was put there by the line above.
    const { violations } = await window.axe.run();
    return violations.map(({ id, nodes }: { id: string; nodes: { html: string }[] }) => [
      id,
      ...nodes.map(({ html }) => html.slice(0, 120)),
    ]);
  });
  expect(findings).toEqual([]);
}
