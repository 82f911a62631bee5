/** Keyboard use, screen readers and colour schemes. */
import { expectNoAxeFinding } from "../axe";
import { expect, LONG, test } from "../fixtures";
import {
  box,
  COMMENTS,
  message,
  NETWORK_ERROR,
  nextPoll,
  open,
  pill,
  rows,
  scroller,
} from "../page";
import { scriptedWall } from "../scripted-wall";

const LONG_LINK = `${"words that fill the line ".repeat(8)} https://example.com/a`;

test("messages, reply, search and help work by keyboard", LONG, async ({ page }) => {
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

    test(
      "axe finds no problems on the wall, the empty wall, the search and the help",
      LONG,
      async ({ page }) => {
        const wall = await scriptedWall(page, 0);
        await open(page);
        await expect(page.getByText("No messages yet")).toBeVisible();
        await expectNoAxeFinding(page);
        wall.add({ text: "https://example.com", username: "mira" });
        wall.add({ text: "an answer", username: "tide", type: "bot", replyTo: wall.idOf(0) });
        await nextPoll(page);
        await expect(rows(page)).toHaveCount(2);
        await expectNoAxeFinding(page);
        await page.keyboard.press("/");
        await expect(page.getByRole("searchbox")).toBeVisible();
        await expectNoAxeFinding(page);
        await page.getByRole("button", { name: "Help and settings" }).click();
        await expect(page.getByRole("dialog")).toBeVisible();
        await expectNoAxeFinding(page);
      },
    );

    for (const width of [360, 1_440]) {
      test.describe(`at ${width} px`, LONG, () => {
        test.use({ viewport: { width, height: 800 }, expectedConsole: [NETWORK_ERROR] });

        test("axe finds no problems with a row focused, a reply, a failed message, the pill and the palette", async ({
          page,
        }) => {
          const wall = await scriptedWall(page, 60);
          wall.add({ text: LONG_LINK, username: "mira", replyTo: wall.idOf(0) });
          wall.add({ text: `and ${LONG_LINK}`, username: "mira" });
          await open(page);
          for (const row of [rows(page).nth(-1), rows(page).nth(-2), rows(page).nth(-3)]) {
            await row.focus();
            await expect(row.getByRole("button", { name: "Reply" })).toBeVisible();
            await expectNoAxeFinding(page);
          }
          await page.keyboard.press("r");
          await expect(page.getByText("Reply to")).toBeVisible();
          await page.route(`**${COMMENTS}`, (route) =>
            route.request().method() === "POST" ? route.abort() : route.fallback(),
          );
          await box(page).fill("refused");
          await expectNoAxeFinding(page);
          await page.keyboard.press("Enter");
          await expect(message(page, "refused")).toHaveAttribute("data-state", "failed");
          await expectNoAxeFinding(page);
          await scroller(page).hover();
          await page.mouse.wheel(0, -700);
          await expect(pill(page)).toBeVisible();
          await page.getByRole("button", { name: /^(Your|Name and) colour/ }).click();
          await expect(page.getByRole("radio")).toHaveCount(12);
          await expectNoAxeFinding(page);
        });

        test("axe finds no problems on a page that does not exist, and on an earlier message", async ({
          page,
        }) => {
          await page.goto("/no-such-page");
          await expectNoAxeFinding(page);
          const wall = await scriptedWall(page, 3);
          const old = { ...wall.commentAt(0), id: "1700000000000-0000000000" };
          await page.route(`**${COMMENTS}/*`, (route) => route.fulfill({ json: old }));
          await open(page, `/#${old.id}`);
          await expect(page.getByRole("dialog", { name: "Earlier message" })).toContainText("ada");
          await expectNoAxeFinding(page);
        });
      });
    }
  });
}
