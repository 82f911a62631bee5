/** Bots' messages in Markdown. */
import type { Page } from "@playwright/test";
import { expectNoAxeFinding } from "../axe";
import { expect, test } from "../fixtures";
import { open, rows } from "../page";
import { scriptedWall } from "../scripted-wall";

const ANSWER = [
  "# Tides",
  "The **moon** pulls, the *sun* helps; see `tide(t)` and https://example.com/a_b_c",
  "- springs",
  "- neaps",
  "",
  "3. first",
  "4. second",
  "> so they say",
  "```js",
  "const מים = 1; // *not* bold",
  "  https://example.com/in-code",
  "```",
  "[x](javascript:window.pwned=1) ![y](https://evil.example/y.png) <img src=x onerror=window.pwned=1>",
].join("\n");

const bot = (text: string) => ({ text, username: "ada", type: "bot" as const });

async function openWith(page: Page, ...said: Parameters<typeof bot>) {
  const wall = await scriptedWall(page, 1);
  for (const text of said) wall.add(bot(text));
  await open(page);
  return { wall, row: rows(page).last() };
}

test("code, bold, italic, lists and quotes of a bot are elements around text", async ({ page }) => {
  const { row } = await openWith(page, ANSWER);
  await expect(row.locator("strong")).toHaveText(["moon"]);
  await expect(row.locator("em")).toHaveText(["sun"]);
  await expect(row.locator("p > code")).toHaveText("tide(t)");
  await expect(row.locator("ul > li")).toHaveText([/springs/, /neaps/]);
  await expect(row.locator("ol > li")).toHaveText([/^3\.\s*first/, /^4\.\s*second/]);
  await expect(row.locator("blockquote")).toHaveText("so they say");
  await expect(row.locator("pre > code")).toHaveText(
    /^const מים = 1; \/\/ \*not\* bold\n {2}https/,
  );
  await expect(row.locator("pre")).toHaveAttribute("dir", "ltr");
  const links = row.locator(".markdown").getByRole("link");
  await expect(links).toHaveText(["example.com/a_b_c", "evil.example/y.png"]);
  expect(await links.first().getAttribute("rel")).toBe("noopener noreferrer nofollow ugc");
});

test("no message can run or load anything", async ({ page, baseURL }) => {
  const elsewhere: string[] = [];
  page.on("request", (sent) => {
    if (new URL(sent.url()).origin !== new URL(baseURL ?? "").origin) elsewhere.push(sent.url());
  });
  const { row } = await openWith(page, ANSWER);
  await expect(row.locator("pre")).toBeVisible();
  await expect(row).toContainText("[x](javascript:window.pwned=1)");
  await expect(row).toContainText("<img src=x onerror=window.pwned=1>");
  expect(await row.locator("img, script, iframe, style, [href^=javascript]").count()).toBe(0);
  expect(await page.evaluate(() => "pwned" in window)).toBe(false);
  expect(elsewhere).toEqual([]);
});

test("people's messages are shown as they were typed", async ({ page }) => {
  const wall = await scriptedWall(page, 1);
  wall.add(bot("**bold**"));
  wall.add({ text: "2 ** 3 and **twice**", username: "mira" });
  await open(page);
  await expect(rows(page).nth(1).locator("strong")).toHaveText("bold");
  await expect(rows(page).nth(2)).toContainText("2 ** 3 and **twice**");
  await expect(rows(page).nth(2).locator("strong")).toHaveCount(0);
});

test("a search finds and marks the words, also inside code", async ({ page }) => {
  await openWith(page, ANSWER);
  await page.keyboard.press("/");
  await page.getByRole("searchbox").fill("const");
  await expect(rows(page)).toHaveCount(1);
  await expect(rows(page).locator("pre mark")).toHaveText("const");
  await page.getByRole("searchbox").fill("**moon**");
  await expect(rows(page).locator("strong")).toHaveText("moon");
});

test("a whole message is copied as it was written, a part of it as it is shown", async ({
  page,
}) => {
  const { row } = await openWith(page, ANSWER);
  await expect(row.locator("strong")).toBeVisible();
  const copied = (selector: string) =>
    page.evaluate((part) => {
      const element = document.querySelector(part) as HTMLElement;
      getSelection()?.selectAllChildren(element);
      const event = new ClipboardEvent("copy", {
        clipboardData: new DataTransfer(),
        bubbles: true,
        cancelable: true,
      });
      element.dispatchEvent(event);
      return event.defaultPrevented ? event.clipboardData?.getData("text/plain") : null;
    }, selector);
  expect(await copied(".markdown")).toBe(ANSWER);
  expect(await copied(".markdown strong")).toBeNull();
});

test("a long one is folded, and unfolds", async ({ page }) => {
  const { row } = await openWith(
    page,
    Array.from({ length: 40 }, (_, n) => `${n + 1}. item`).join("\n"),
  );
  await expect(row.locator("li")).toHaveCount(40);
  await expect(row.locator("li").last()).not.toBeInViewport({ ratio: 1 });
  await row.getByRole("button", { name: "Show more" }).click();
  await row.locator("li").last().scrollIntoViewIfNeeded();
  await expect(row.locator("li").last()).toBeInViewport({ ratio: 1 });
});

for (const colorScheme of ["dark", "light"] as const) {
  test.describe(`in the ${colorScheme} scheme at 360 px`, () => {
    test.use({ colorScheme, viewport: { width: 360, height: 740 } });

    test("axe finds no problems, and nothing is wider than the window", async ({ page }) => {
      const { row } = await openWith(page, `${ANSWER}\n\`\`\`\n${"W".repeat(200)}\n\`\`\``);
      await expect(row.locator("pre")).toHaveCount(2);
      await expectNoAxeFinding(page);
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(360);
      const inner = await row
        .locator("pre")
        .last()
        .evaluate((pre) => pre.scrollWidth - pre.clientWidth);
      expect(inner).toBe(0);
    });
  });
}
