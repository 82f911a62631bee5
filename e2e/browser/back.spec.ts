/** The browser's history on the wall. */
import type { Page } from "@playwright/test";
import { expect, test } from "../fixtures";
import { message, open, rows } from "../page";
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

test("Back from a quoted message leads to the reply, and Forward to the quoted one", async ({
  page,
}) => {
  const wall = await scriptedWall(page, 300);
  wall.add({ text: "I agree", username: "mira", replyTo: wall.idOf(19) });
  for (let index = 0; index < 40; index += 1) wall.add(`later ${index}`);
  await open(page);
  const reply = message(page, "I agree");
  await reply.scrollIntoViewIfNeeded();
  await reply.getByRole("button", { name: "message 20" }).click();
  await expect(message(page, "message 20")).toBeInViewport();
  await expect(reply).not.toBeInViewport();
  await page.goBack();
  await expect(reply).toBeInViewport();
  await expect(reply).toBeFocused();
  await page.goForward();
  await expect(message(page, "message 20")).toBeInViewport();
});

test("Back from a message quoted in a search's results leads to the search", async ({ page }) => {
  const wall = await scriptedWall(page, 30);
  wall.add({ text: "I agree", username: "mira", replyTo: wall.idOf(1) });
  await open(page, "/?q=agree");
  await rows(page).getByRole("button", { name: "message 2" }).click();
  await expect(rows(page)).toHaveCount(31);
  await page.goBack();
  await expect(page.getByRole("searchbox")).toHaveValue("agree");
  await expect(rows(page)).toHaveCount(1);
});
