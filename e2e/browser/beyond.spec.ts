/** The wall beyond the screen: without scripts, on paper, in forced colours, in link previews. */
import { expect, LONG, test } from "../fixtures";
import { box, message, nextPoll, open, rows } from "../page";
import { scriptedWall } from "../scripted-wall";

test.describe("without JavaScript", () => {
  test.use({ javaScriptEnabled: false });

  test(
    "the page says what it is and links to the API, without a skeleton",
    LONG,
    async ({ page }) => {
      await page.goto("/");
      // Selectors by text and role leave out `noscript`.
      const words = page.locator(".no-script");
      await expect(words).toBeVisible();
      await expect(words).toContainText("is a public, anonymous chat wall");
      await expect(words.locator('a[href="/api/comments"]')).toBeVisible();
      await expect(page.locator(".skeleton")).toBeHidden();
    },
  );
});

test(
  "on paper all loaded rows are dark on white, without the page's controls",
  LONG,
  async ({ page }) => {
    await scriptedWall(page, 30);
    await open(page);
    await page.emulateMedia({ media: "print" });
    for (const control of [box(page), page.getByRole("button", { name: "Search" })])
      await expect(control).toBeHidden();
    await expect(message(page, "message 1")).toBeVisible();
    const paper = await page.evaluate(() => {
      const styleOf = (selector: string) =>
        getComputedStyle(document.querySelector(selector) as Element);
      const main = document.querySelector("main") as HTMLElement;
      return {
        ink: styleOf(".message-text").color,
        isWhole: main.scrollHeight <= main.clientHeight && innerHeight < main.scrollHeight,
      };
    });
    expect(paper).toEqual({ ink: "rgb(0, 0, 0)", isWhole: true });
  },
);

test(
  "in forced colours a focused row and the chosen colour can be seen",
  LONG,
  async ({ page }) => {
    await scriptedWall(page, 3);
    await page.emulateMedia({ forcedColors: "active" });
    await open(page);
    await page.keyboard.press("k");
    const outline = () =>
      page.evaluate(() => getComputedStyle(document.activeElement as Element).outlineStyle);
    await expect.poll(outline).toBe("solid");
  },
);

test(
  "links to the wall have a preview, an icon and robots rules",
  LONG,
  async ({ page, request }) => {
    await page.goto("/");
    const meta = (property: string) =>
      page.locator(`meta[property="${property}"]`).getAttribute("content");
    expect(await meta("og:title")).toBe("saywhatwant");
    expect(await meta("og:description")).toContain("anonymous");
    for (const [path, type] of [
      [await meta("og:image"), "image/png"],
      [await page.locator('link[rel="apple-touch-icon"]').getAttribute("href"), "image/png"],
      ["/robots.txt", "text/plain"],
    ] as const) {
      const answer = await request.get(path ?? "");
      expect(answer.status(), `${path}`).toBe(200);
      expect(answer.headers()["content-type"]).toContain(type);
    }
  },
);

test("a newcomer is told once what the wall is", LONG, async ({ page }) => {
  const wall = await scriptedWall(page, 3);
  await open(page);
  const line = page.getByText("Public and anonymous");
  await expect(line).toBeVisible();
  await page.getByRole("button", { name: "Got it" }).click();
  await expect(line).toHaveCount(0);
  await page.reload();
  wall.add("after the reload");
  await expect(rows(page).first()).toBeVisible();
  await nextPoll(page);
  await expect(message(page, "after the reload")).toBeVisible();
  await expect(line).toHaveCount(0);
});
