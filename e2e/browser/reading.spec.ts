/** Reading the wall in the page. */
import type { Page } from "@playwright/test";
import { expect, LONG, test } from "../fixtures";
import {
  act,
  atRest,
  box,
  COMMENTS,
  gate,
  isKept,
  log,
  message,
  nextPoll,
  open,
  pill,
  reachBackTo,
  rows,
  scroller,
  texts,
} from "../page";
import { scriptedWall } from "../scripted-wall";
import { setVisibility } from "../visibility";

test("an empty wall invites the reader to write", async ({ page }) => {
  await scriptedWall(page, 0);
  await open(page);
  await expect(page.getByText("No messages yet")).toBeVisible();
  await expect(log(page)).toBeEmpty();
  await box(page).fill("me first");
  await expect(page.getByRole("button", { name: "Send" })).toBeEnabled();
});

test("the log is mounted, empty and busy, before messages load", async ({ page }) => {
  const reads = gate();
  await page.route(`**${COMMENTS}`, async (route) => {
    await reads.opened;
    await route.continue();
  });
  await page.goto("/");
  await expect(log(page)).toHaveAttribute("aria-busy", "true");
  await expect(log(page)).toBeEmpty();
  reads.open();
  await expect(log(page)).toHaveAttribute("aria-busy", "false");
});

test(
  "the log follows new messages at the bottom; further up nothing moves by a pixel, and a pill shows the count and jumps down",
  LONG,
  async ({ page }) => {
    const wall = await scriptedWall(page, 300);
    await open(page);
    await expect(message(page, "message 300")).toBeInViewport();
    wall.add("while at the bottom");
    await nextPoll(page);
    await expect(message(page, "while at the bottom")).toBeInViewport();
    await expect(pill(page)).toHaveCount(0);

    await scroller(page).hover();
    await page.mouse.wheel(0, -700);
    await expect(pill(page)).toHaveText(/Jump to newest/);
    const row = message(page, "message 280");
    await atRest(page);
    const before = await row.boundingBox();
    for (const text of ["one", "two", "three"]) wall.add(text);
    await nextPoll(page);
    await expect(pill(page)).toHaveText(/3 new messages/);
    await expect(page.getByRole("status")).toHaveText("3 new messages");
    await expect.poll(() => row.boundingBox()).toEqual(before);
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
  },
);

test("an unread line marks the first unread message", async ({ page }) => {
  const wall = await scriptedWall(page, 50);
  await open(page);
  await setVisibility(page, "hidden");
  for (const text of ["first unseen", "second unseen"]) wall.add(text);
  await setVisibility(page, "visible");
  await nextPoll(page);
  await expect(message(page, "second unseen")).toBeInViewport();
  const line = page.getByTestId("unread-line");
  await expect(line).toHaveCount(1);
  expect(await line.evaluate((element) => element.nextElementSibling?.textContent)).toContain(
    "first unseen",
  );
});

test.describe("in the middle of a day", () => {
  test.use({ timezoneId: new Date().getUTCHours() < 12 ? "Asia/Tokyo" : "UTC" });

  test("consecutive messages of one author share one header, below the day", async ({ page }) => {
    const wall = await scriptedWall(page, 3);
    wall.add({ text: "somebody else", username: "mira" });
    await open(page);
    await expect(rows(page).locator("header")).toHaveText([/^ada/, /^mira/]);
    await expect(log(page).getByText(/^\w+day, \w+ \d+$/)).toHaveCount(1);
  });
});

test(
  "older messages load while scrolling up, each once and in order, and the page stays small",
  LONG,
  async ({ page }) => {
    const wall = await scriptedWall(page, 1_000);
    await open(page);
    await reachBackTo(page, "message 1");
    expect(await rows(page).count()).toBeLessThanOrEqual(300);
    const shown = await texts(page);
    expect(shown).toEqual(shown.map((_, index) => `message ${index + 1}`));
    const pages = wall.reads.map((query) => query.get("before")).filter(Boolean);
    expect(pages).toHaveLength(5);
    expect(new Set(pages).size).toBe(5);
    await page.getByRole("button", { name: /Jump to newest/ }).click();
    await expect(message(page, "message 1000")).toBeInViewport();
  },
);

test("loading older messages does not move the view", async ({ page }) => {
  await scriptedWall(page, 500);
  await open(page);
  await scroller(page).hover();
  const first = (await texts(page))[0] ?? "";
  await expect(async () => {
    await page.mouse.wheel(0, -400);
    expect((await texts(page))[0]).not.toBe(first);
  }).toPass();
  // The former first row is where the wheel left it, with the new rows right above.
  const top = await message(page, first).evaluate((row) => row.getBoundingClientRect().top);
  // Rows are added while less than 900 px are above the view.
  await expect
    .poll(() => scroller(page).evaluate((element) => element.scrollTop))
    .toBeGreaterThanOrEqual(900);
  expect(top).toBeLessThan(1_000);
});

test.describe("all messages of a burst over 500 appear, once and in order", () => {
  const BURST = 1_200;
  const away = async (page: Page) => {
    const wall = await scriptedWall(page, 10);
    await open(page);
    await setVisibility(page, "hidden");
    for (let index = 1; index <= BURST; index += 1) wall.add(`burst ${index}`);
    return wall;
  };
  const expectAll = async (page: Page) => {
    await page.keyboard.press("/");
    await page.getByRole("searchbox").fill("burst");
    await expect(page.getByTestId("found")).toHaveText(`${BURST} of ${BURST + 10}`);
  };

  test("while the change log reaches back", LONG, async ({ page }) => {
    await away(page);
    await setVisibility(page, "visible");
    await nextPoll(page);
    await expect(message(page, `burst ${BURST}`)).toBeVisible();
    await expectAll(page);
  });

  test("and beyond it: the gap fills while scrolling up", LONG, async ({ page }) => {
    const wall = await away(page);
    wall.forgetChanges();
    await setVisibility(page, "visible");
    await nextPoll(page);
    await expect(message(page, `burst ${BURST}`)).toBeVisible();
    // Messages from before the gap are still loaded, with a hole between the two parts.
    await reachBackTo(page, "burst 1");
    await expect(async () => {
      await page.keyboard.press("PageDown");
      await expect(page.getByTestId("hole")).toHaveCount(0, { timeout: 50 });
    }).toPass();
    await reachBackTo(page, "burst 1");
    const shown = await texts(page);
    const burst = shown.slice(shown.indexOf("burst 1"));
    expect(burst).toEqual(burst.map((_, index) => `burst ${index + 1}`));
    await expectAll(page);
    expect(wall.reads.filter((query) => query.get("since") === null)).not.toHaveLength(0);
  });
});

test(
  "search by words and filter by a click on a name; the URL shows others the same",
  LONG,
  async ({ page, openVisitor }) => {
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
    await other.getByLabel("Show messages from").selectOption("bots");
    await expect(rows(other)).toHaveCount(1);
    await other.getByRole("button", { name: "Close" }).click();
    await expect(rows(other)).toHaveCount(6);
    expect(new URL(other.url()).search).toBe("");
  },
);

test("a muted author is hidden, also after a reload, until unmuted", LONG, async ({ page }) => {
  const wall = await scriptedWall(page, 2);
  wall.add({ text: "noise", username: "loud" });
  await open(page);
  await act(page, "noise", "Mute");
  await expect(message(page, "noise")).toHaveCount(0);
  await page.reload();
  await expect(rows(page)).toHaveCount(2);
  await page.getByRole("button", { name: "Help and settings" }).click();
  await page.getByRole("button", { name: "Unmute loud" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Close" }).click();
  await expect(message(page, "noise")).toBeVisible();
});

test("links are clickable, one's own name is highlighted, lone emoji are large, a bot has a badge", async ({
  page,
}) => {
  const wall = await scriptedWall(page, 1);
  wall.add("see https://example.com/a and javascript:alert(1)");
  wall.add("good night, Mira");
  wall.add("🌙");
  wall.add({ text: "high tide at six", username: "harbour", type: "bot" });
  await open(page);
  await page.getByLabel("Your name").fill("mira");
  const link = log(page).locator("p a");
  await expect(link).toHaveCount(1);
  await expect(link).toHaveAttribute("href", "https://example.com/a");
  await expect(link).toHaveAttribute("rel", "noopener noreferrer nofollow ugc");
  await expect(log(page).locator("mark.mention")).toHaveText("Mira");
  await expect(message(page, "🌙").locator("p")).toHaveCSS("font-size", "36px");
  await expect(message(page, "high tide at six").getByText("bot", { exact: true })).toBeVisible();
});

test("a message's time is a permalink that opens with the message in view", async ({ page }) => {
  const wall = await scriptedWall(page, 400);
  const id = wall.idOf(99);
  await open(page, `/#${id}`);
  await expect(message(page, "message 100")).toBeInViewport();
  await expect(message(page, "message 100")).toBeFocused();
  const time = message(page, "message 100").locator("a time");
  await expect(time).toHaveAttribute("datetime", new Date(Number(id.slice(0, 13))).toISOString());
  await expect(time).toHaveAttribute("title", /\d{4}/);
});

test("the pill covers nothing while the newest message is in view, also after a jump", async ({
  page,
}) => {
  const wall = await scriptedWall(page, 30);
  await open(page, `/#${wall.idOf(29)}`);
  await expect(message(page, "message 30")).toBeFocused();
  await expect(pill(page)).toHaveCount(0);
  wall.add("one more");
  await nextPoll(page);
  await expect(pill(page)).toHaveText(/1 new message/);
  await expect(message(page, "message 30")).toBeInViewport();
});

test("a permalink to a message newer than the last visit leads to it", LONG, async ({ page }) => {
  const wall = await scriptedWall(page, 30);
  await open(page);
  await nextPoll(page);
  await expect.poll(() => page.evaluate(isKept, "message 30")).toBe(true);
  wall.add("said since");
  const reads = gate();
  await page.route(`**${COMMENTS}?*`, async (route) => {
    await reads.opened;
    await route.fallback();
  });
  await page.goto("about:blank");
  await page.goto(`/#${wall.idOf(30)}`);
  await expect(message(page, "message 30")).toBeVisible();
  reads.open();
  await expect(message(page, "said since")).toBeFocused();
});

test(
  "a link to a muted author's message shows it in a dialog, which offers to unmute",
  LONG,
  async ({ page }) => {
    const wall = await scriptedWall(page, 3);
    wall.add({ text: "noise", username: "loud" });
    wall.add({ text: "an answer to noise", username: "mira", replyTo: wall.idOf(3) });
    await page.route(`**${COMMENTS}/*`, (route) => route.fulfill({ json: wall.commentAt(3) }));
    await open(page);
    const dialog = page.getByRole("dialog", { name: "Message by a muted author" });
    await act(page, "noise", "Mute");
    await message(page, "an answer to noise").locator(".reply-quote").click();
    await expect(dialog).toContainText("noise");
    await dialog.getByRole("button", { name: "loud" }).click();
    await expect(dialog).toHaveCount(0);
    await expect(rows(page)).toHaveText([/noise/]);

    await page.getByRole("button", { name: "Close" }).click();
    await message(page, "an answer to noise").locator(".reply-quote").click();
    await dialog.getByRole("button", { name: "Unmute and show in the log" }).click();
    await expect(dialog).toHaveCount(0);
    await expect(message(page, "noise")).toBeFocused();
  },
);

test("right-to-left text and bidi controls do not affect neighbouring text", async ({ page }) => {
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
