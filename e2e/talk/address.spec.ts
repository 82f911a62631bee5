/** Writing to a bot: the list that `@` opens, replies, links, and the chip that says to whom. */
import type { Page } from "@playwright/test";
import { expectNoAxeFinding } from "../axe";
import { expect, LONG, test } from "../fixtures";
import { act, box, log, open, rows, status } from "../page";
import { scriptedChannel } from "../scripted-channel";
import { type ScriptedWall, scriptedWall } from "../scripted-wall";

const list = (page: Page) => page.getByRole("listbox", { name: "Bots and people" });
const options = (page: Page) => list(page).getByRole("option");
const chip = (page: Page) => page.locator(".addressee-chip");
const takeOff = (page: Page, name: string) =>
  page.getByRole("button", { name: `Don't address ${name}` });

/** A wall with two bots and two people. Returns the bodies of the posts. */
async function openWithBots(page: Page, address = "/", bots = ["ada", "tide"]) {
  const wall = await scriptedWall(page, 1);
  wall.bots.push(...bots);
  wall.add({ text: "hello", username: "mira" });
  wall.add({ text: "an opinion", username: "Adele" });
  wall.add({ text: "a bot's words", username: "tide", type: "bot" });
  const posts = await recordPosts(page, wall);
  await open(page, address);
  return { wall, posts };
}

async function recordPosts(page: Page, wall: ScriptedWall) {
  const posts: { text: string; replyTo?: string; botParams?: object }[] = [];
  await page.route("**/api/comments", (route) => {
    if (route.request().method() !== "POST") return route.fallback();
    const post = route.request().postDataJSON();
    posts.push(post);
    wall.add({ text: post.text, nonce: post.nonce, username: "mira" });
    return route.fulfill({ status: 201, json: wall.commentAt(3 + posts.length) });
  });
  return posts;
}

/** The name of the option that assistive technology is told. */
const activeName = (page: Page) =>
  box(page).evaluate((field) => {
    const option = document.getElementById(field.getAttribute("aria-activedescendant") ?? "");
    return option?.getAttribute("aria-selected") === "true" ? option.textContent : null;
  });

test(
  "`@` lists the bots, then people; arrows, Enter, Tab and Escape as in a combobox",
  LONG,
  async ({ page }) => {
    const { posts } = await openWithBots(page);
    await expect(box(page)).toHaveAttribute("aria-autocomplete", "list");
    await expect(box(page)).toHaveAttribute("aria-haspopup", "listbox");
    await box(page).press("@");
    await expect(options(page)).toHaveText(["adabot", "tidebot", "Adele", "mira", /ada$/]);
    expect(await activeName(page)).toBe("adabot");
    const controls = await box(page).getAttribute("aria-controls");
    expect(await list(page).getAttribute("id")).toBe(controls);
    await page.keyboard.press("ArrowUp");
    expect(await activeName(page)).toBe("ada");
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("ArrowDown");
    expect(await activeName(page)).toBe("tidebot");
    await expect(box(page)).toBeFocused();
    await expectNoAxeFinding(page);
    await page.keyboard.press("Enter");
    await expect(box(page)).toHaveValue("@tide ");
    await expect(list(page)).toHaveCount(0);
    await expect(box(page)).not.toHaveAttribute("aria-activedescendant");
    await expect(chip(page)).toContainText("to tide");
    await page.keyboard.type("and @mi");
    await expect(options(page)).toHaveText(["mira"]);
    await page.keyboard.press("Tab");
    await expect(box(page)).toHaveValue("@tide and @mira ");
    await expect(box(page)).toBeFocused();
    await page.keyboard.type("@a");
    await expect(options(page)).toHaveText(["adabot", "Adele", "ada"]);
    await page.keyboard.press("Escape");
    await expect(list(page)).toHaveCount(0);
    await expect(box(page)).toBeFocused();
    await page.keyboard.press("Enter");
    await expect.poll(() => posts.length).toBe(1);
    expect(posts[0]).toMatchObject({
      text: "@tide and @mira @a",
      botParams: { entity: "tide" },
    });
    await expect(chip(page)).toHaveCount(0);
  },
);

test("a name that is typed in full needs no choice: Enter sends", async ({ page }) => {
  const { posts } = await openWithBots(page);
  await box(page).pressSequentially("thanks @tid");
  await expect(options(page)).toHaveText(["tidebot"]);
  await page.keyboard.type("e");
  await expect(list(page)).toHaveCount(0);
  await page.keyboard.press("Enter");
  await expect.poll(() => posts.length).toBe(1);
  expect(posts[0]).toMatchObject({ text: "thanks @tide", botParams: { entity: "tide" } });
});

test(
  "by keyboard alone: from the header to a bot's name, and the addressee off again",
  LONG,
  async ({ page }) => {
    const { posts } = await openWithBots(page);
    await page.clock.runFor(10_000);
    const button = page.getByRole("button", { name: /^Write to a bot/ });
    await expect(button).toBeVisible();
    await page.keyboard.press("Tab");
    await page.keyboard.press("Tab");
    await expect(button).toBeFocused();
    await page.keyboard.press("Enter");
    await expect(page.locator(".composer")).toMatchAriaSnapshot(`
    - listbox "Bots and people":
      - option "ada bot" [selected]
      - option "tide bot"
      - option "Adele"
      - option "mira"
      - option "ada"
    - status: 5 names
    - textbox "Message":
      - text: "@"
  `);
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Enter");
    await expect(box(page)).toHaveValue("@tide ");
    await page.keyboard.press("Shift+Tab");
    await expect(takeOff(page, "tide")).toBeFocused();
    await page.keyboard.press("Enter");
    await expect(chip(page)).toHaveCount(0);
    await expect(box(page)).toBeFocused();
    await page.keyboard.type("hello");
    await page.keyboard.press("Enter");
    await expect.poll(() => posts.length).toBe(1);
    expect(posts[0]).not.toHaveProperty("botParams");
  },
);

test("a composition with the list open neither picks nor sends", async ({ page }) => {
  await openWithBots(page);
  await box(page).pressSequentially("@a");
  await expect(options(page).first()).toBeVisible();
  for (const key of ["Enter", "ArrowDown", "Tab", "Escape"])
    for (const asBrowsersSay of [{ isComposing: true }, { keyCode: 229 }])
      await box(page).dispatchEvent("keydown", { key, bubbles: true, ...asBrowsersSay });
  await expect(box(page)).toHaveValue("@a");
  await expect(list(page)).toBeVisible();
  expect(await activeName(page)).toBe("adabot");
});

test("the list closes when the caret leaves the name, and with the focus", async ({ page }) => {
  await openWithBots(page);
  await box(page).pressSequentially("hi @a");
  await expect(list(page)).toBeVisible();
  await page.keyboard.press("Home");
  await expect(list(page)).toHaveCount(0);
  await page.keyboard.press("End");
  await expect(list(page)).toBeVisible();
  await log(page).click({ position: { x: 5, y: 5 } });
  await expect(list(page)).toHaveCount(0);
  await box(page).fill("me@a");
  await expect(list(page)).toHaveCount(0);
});

test(
  "a message that names a present bot is addressed to it, unless that is taken off",
  LONG,
  async ({ page }) => {
    const { posts } = await openWithBots(page);
    await box(page).fill("what says @Ada?");
    await expect(chip(page)).toHaveText(/^to ada/);
    await takeOff(page, "ada").click();
    await expect(chip(page)).toHaveCount(0);
    await expect(box(page)).toBeFocused();
    await page.keyboard.press("Enter");
    await expect.poll(() => posts.length).toBe(1);
    expect(posts[0]).not.toHaveProperty("botParams");
    await box(page).fill("again, @ada and @adam");
    await expect(chip(page)).toHaveText(/^to ada/);
    await box(page).fill("only @adam");
    await expect(chip(page)).toHaveCount(0);
  },
);

test(
  "a reply to a bot is addressed to it, a reply to a person to nobody",
  LONG,
  async ({ page }) => {
    const { posts, wall } = await openWithBots(page);
    await act(page, "hello", "Reply");
    await expect(chip(page)).toHaveCount(0);
    await act(page, "a bot's words", "Reply");
    await expect(chip(page)).toHaveText(/^to tide/);
    await box(page).fill("tell me more");
    await page.keyboard.press("Enter");
    await expect.poll(() => posts.length).toBe(1);
    expect(posts[0]).toMatchObject({ replyTo: wall.idOf(3), botParams: { entity: "tide" } });
    await expect(chip(page)).toHaveCount(0);
  },
);

test(
  "/?to=ada opens the composer addressed to ada, message after message, until it is taken off",
  LONG,
  async ({ page }) => {
    const { posts } = await openWithBots(page, "/?to=ada");
    await expect(chip(page)).toHaveText(/^to ada/);
    await expect(box(page)).toBeFocused();
    await expect(page.getByText("ada is away")).toHaveCount(0);
    for (const text of ["one", "two"]) {
      await box(page).fill(text);
      await page.keyboard.press("Enter");
    }
    await expect.poll(() => posts.length).toBe(2);
    for (const post of posts) expect(post).toMatchObject({ botParams: { entity: "ada" } });
    await page.getByRole("button", { name: "mira" }).first().click();
    await expect(page).toHaveURL(/[?&]to=ada/);
    await takeOff(page, "ada").click();
    await expect(page).not.toHaveURL(/to=ada/);
    await page.reload();
    await expect(rows(page).first()).toBeVisible();
    await expect(chip(page)).toHaveCount(0);
  },
);

test("a bot that is away is said to be, and its message waits", LONG, async ({ page }) => {
  const { posts } = await openWithBots(page, "/?to=nemo", ["ada"]);
  await expect(page.getByText("nemo is away. Your message waits for it.")).toBeVisible();
  await expectNoAxeFinding(page);
  await box(page).fill("for later");
  await page.keyboard.press("Enter");
  await expect.poll(() => posts.length).toBe(1);
  expect(posts[0]).toMatchObject({ botParams: { entity: "nemo" } });
});

test("an unfit name in the address addresses nobody", async ({ page }) => {
  await openWithBots(page, `/?to=${"x".repeat(65)}`);
  await box(page).focus();
  await expect(chip(page)).toHaveCount(0);
});

test("the header's bots open the list", LONG, async ({ page }) => {
  const channel = await scriptedChannel(page, 3);
  await open(page);
  await expect(status(page)).toHaveText("live");
  channel.hint({ bots: ["ada"] });
  await box(page).fill("hello");
  await page.getByRole("button", { name: /^Write to a bot/ }).click();
  await expect(box(page)).toHaveValue("hello @");
  await expect(options(page).first()).toHaveText("adabot");
  await page.keyboard.press("Enter");
  await expect(box(page)).toHaveValue("hello @ada ");
  await expect(chip(page)).toHaveText(/^to ada/);
});

test.describe("by touch at 360 px", () => {
  test.use({ hasTouch: true, isMobile: true, viewport: { width: 360, height: 740 } });

  test("a tap picks a name, and takes the addressee off", LONG, async ({ page }) => {
    await openWithBots(page);
    await box(page).tap();
    await box(page).pressSequentially("@");
    await expectNoAxeFinding(page);
    await options(page).filter({ hasText: "tide" }).tap();
    await expect(box(page)).toHaveValue("@tide ");
    await expect(box(page)).toBeFocused();
    await expect(chip(page)).toContainText("to tide");
    await expectNoAxeFinding(page);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(360);
    await takeOff(page, "tide").tap();
    await expect(chip(page)).toHaveCount(0);
  });
});
