/** Keyboard use, screen readers and colour schemes. */
import { expectNoAxeFinding } from "../axe";
import { expect, test } from "../fixtures";
import { box, message, nextPoll, open, rows, scroller } from "../page";
import { scriptedWall } from "../scripted-wall";

test("messages, reply, search and help work by keyboard", async ({ page }) => {
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

    test("axe finds no problems on the wall, the empty wall, the search and the help", async ({
      page,
    }) => {
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
    });
  });
}
