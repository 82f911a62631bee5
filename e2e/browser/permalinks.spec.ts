/** Links to single messages. */
import type { Page } from "@playwright/test";
import { expect, test } from "../fixtures";
import { COMMENTS, isKept, log, message, open, unique } from "../page";

/** Messages of very different heights, as people write them. */
const HEIGHTS = [
  "one line",
  "a few words that take two or three lines of a narrow page, ".repeat(4),
  "several\nlines\nof\nits\nown",
  "see https://example.com/a and docs.example.com/b",
  "a long story ".repeat(30),
];

/** Posts `count` messages to the real wall and returns their first lines and ids, oldest first. */
async function fill(page: Page, count: number) {
  const tag = unique("link");
  const posted: { line: string; id: string }[] = [];
  for (let index = 0; index < count; index += 1) {
    const line = `${tag} number ${index}`;
    const text = `${line}\n${HEIGHTS[index % HEIGHTS.length]}`;
    const data = { text, username: `writer ${Math.floor(index / 3) % 5}` };
    const answer = await page.request.post(COMMENTS, { data });
    posted.push({ line, id: (await answer.json()).id });
  }
  return posted;
}

/** The message is at rest in the view, with the focus, and the log has not gone to its end. */
async function expectArrived(page: Page, { line, id }: { line: string; id: string }) {
  await expect(log(page)).toHaveAttribute("aria-busy", "false");
  await expect(message(page, line)).toBeFocused();
  // The first answer of the wall, a frame or a poll, must not move the view either.
  await expect(page.getByTestId("freshness")).toContainText("live");
  await page.evaluate(() => new Promise((shown) => requestAnimationFrame(shown)));
  await expect(message(page, line)).toBeInViewport();
  await expect(message(page, line)).toBeFocused();
  expect(new URL(page.url()).hash).toBe(`#${id}`);
}

test("a permalink leads to its message on every return visit, in new tabs and after reloads", async ({
  page,
  context,
}) => {
  test.slow();
  const posted = await fill(page, 200);
  await open(page);
  const last = posted.at(-1) as (typeof posted)[number];
  await expect(message(page, last.line)).toBeVisible();
  await expect.poll(() => page.evaluate(isKept, last.line)).toBe(true);
  const wanted = Array.from({ length: 10 }, (_, step) => posted[step * 21 + 5] ?? last);
  for (const target of wanted) {
    const tab = await context.newPage();
    await tab.goto(`/#${target.id}`);
    await expectArrived(tab, target);
    await tab.reload();
    await expectArrived(tab, target);
    await tab.close();
  }
});
