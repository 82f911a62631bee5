/** The browser's history on the wall. */
import type { Page } from "@playwright/test";
import { expect, test } from "../fixtures";
import { open, rows } from "../page";
import { scriptedWall } from "../scripted-wall";

const query = (page: Page) => new URL(page.url()).search;

test("Back undoes a filter and a search, and Forward repeats them", async ({ page }) => {
  const wall = await scriptedWall(page, 3);
  wall.add({ text: "the ferry is late", username: "mira" });
  wall.add({ text: "so is the bus", username: "mira" });
  await open(page);
  const entries = () => page.evaluate(() => history.length);
  const before = await entries();
  await page.keyboard.press("/");
  const search = page.getByRole("searchbox");
  await search.pressSequentially("the");
  await expect(rows(page)).toHaveCount(2);
  await search.pressSequentially(" ferry");
  await expect(rows(page)).toHaveCount(1);
  await rows(page).getByRole("button", { name: "mira" }).click();
  await expect.poll(() => query(page)).toBe("?q=the+ferry&author=mira");
  // One for the search, however much is typed, and one for the author.
  expect(await entries()).toBe(before + 2);

  await page.goBack();
  await expect.poll(() => query(page)).toBe("?q=the+ferry");
  await expect(search).toHaveValue("the ferry");
  await page.goBack();
  await expect.poll(() => query(page)).toBe("");
  await expect(rows(page)).toHaveCount(5);
  await expect(search).toHaveCount(0);
  await page.goForward();
  await expect(search).toHaveValue("the ferry");
  await expect(rows(page)).toHaveCount(1);
});
