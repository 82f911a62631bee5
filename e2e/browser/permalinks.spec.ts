/** Links to single messages. */
import type { Page } from "@playwright/test";
import { expect, LONG, test } from "../fixtures";
import {
  atRest,
  COMMENTS,
  isKept,
  log,
  message,
  NETWORK_ERROR,
  open,
  pill,
  scroller,
  texts,
  unique,
} from "../page";
import { scriptedWall } from "../scripted-wall";

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

test(
  "a permalink leads to its message on every return visit, in new tabs and after reloads",
  LONG,
  async ({ page, context }) => {
    test.setTimeout(400_000);
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
  },
);

const hash = (page: Page) => new URL(page.url()).hash;

test(
  "a permalink to a message from long ago opens among its neighbours; the rest loads while scrolling on",
  LONG,
  async ({ page }) => {
    await page.addInitScript(() => {
      const flashed: string[] = [];
      Object.assign(window, { flashed });
      const { animate } = Element.prototype;
      Element.prototype.animate = function (...given) {
        flashed.push(this.id);
        return animate.apply(this, given);
      };
    });
    const wall = await scriptedWall(page, 2_000);
    await open(page, `/#${wall.idOf(999)}`);
    await expect(message(page, "message 1000")).toBeFocused();
    await expect(message(page, "message 1000")).toBeInViewport();
    expect(await page.evaluate(() => Reflect.get(window, "flashed"))).toEqual([wall.idOf(999)]);
    await expect(page.getByRole("dialog")).toHaveCount(0);
    const around = await texts(page);
    const at = around.indexOf("message 1000");
    expect(around.slice(at - 20, at + 21)).toEqual(
      Array.from({ length: 41 }, (_, index) => `message ${980 + index}`),
    );

    // Whatever is in the page, no message is missing between two others.
    await scroller(page).hover();
    await expect(async () => {
      await page.mouse.wheel(0, 1_500);
      const numbers = (await texts(page)).map((text) => Number(text.split(" ")[1]));
      const first = numbers[0] ?? 0;
      const hole = await page.getByTestId("hole").count();
      if (hole === 0) expect(numbers).toEqual(numbers.map((_, index) => first + index));
      expect(numbers[0]).toBeGreaterThan(1_100);
    }).toPass({ timeout: 40_000, intervals: [20] });

    await pill(page).click();
    await expect(message(page, "message 2000")).toBeInViewport();
  },
);

for (const [which, index] of [
  ["a loaded message", 1_800],
  ["a message from long ago", 999],
] as const)
  test(
    `the first messages that a new reader sees are those around ${which}`,
    LONG,
    async ({ page }) => {
      const wall = await scriptedWall(page, 2_000);
      const id = wall.idOf(index);
      await page.addInitScript((linked) => {
        // Answers in the first frame that shows rows.
        const inView = new IntersectionObserver((rows) => {
          const seen = rows.filter(({ isIntersecting }) => isIntersecting);
          inView.disconnect();
          added.disconnect();
          Object.assign(window, { wasFirst: seen.some(({ target }) => target.id === linked) });
        });
        const added = new MutationObserver(() => {
          for (const row of document.querySelectorAll("article[data-key]")) inView.observe(row);
        });
        added.observe(document, { childList: true, subtree: true });
      }, id);
      await open(page, `/#${id}`);
      await expect(message(page, `message ${index + 1}`)).toBeFocused();
      expect(await page.evaluate(() => Reflect.get(window, "wasFirst"))).toBe(true);
    },
  );

test("the wall shows although its link can't be followed", LONG, async ({ page }) => {
  const wall = await scriptedWall(page, 2_000);
  await page.route(`**${COMMENTS}?before=*`, () => {});
  await open(page, `/#${wall.idOf(999)}`);
  await expect(message(page, "message 2000")).toBeVisible();
});

test("a message's link leaves the address bar when the reader moves on", LONG, async ({ page }) => {
  const wall = await scriptedWall(page, 300);
  await open(page, `/#${wall.idOf(99)}`);
  await expect(message(page, "message 100")).toBeFocused();
  expect(hash(page)).toBe(`#${wall.idOf(99)}`);
  await scroller(page).hover();
  await page.mouse.wheel(0, -60);
  await expect(message(page, "message 100")).toBeInViewport();
  expect(hash(page)).toBe(`#${wall.idOf(99)}`);
  await page.mouse.wheel(0, 2_000);
  await expect.poll(() => hash(page)).toBe("");

  const [first] = await texts(page);
  const row = message(page, first as string);
  await row.scrollIntoViewIfNeeded();
  await atRest(page);
  await row.hover();
  await row.locator("a time").click();
  await expect.poll(() => hash(page)).toMatch(/^#\d{13}-/);
  await expect(row).toBeInViewport();
  await pill(page).click();
  await expect.poll(() => hash(page)).toBe("");
});

test.describe("a removed message", () => {
  test.use({ expectedConsole: [NETWORK_ERROR] });

  test("is said to be gone, and its link goes with the dialog", LONG, async ({ page }) => {
    await scriptedWall(page, 3);
    await page.route(`**${COMMENTS}/*`, (route) => route.fulfill({ status: 404 }));
    await open(page, "/#1700000000000-0000000000");
    const dialog = page.getByRole("dialog");
    await expect(dialog).toContainText("Message not found. It may have been removed.");
    await dialog.getByRole("button", { name: "Close" }).click();
    await expect.poll(() => hash(page)).toBe("");
  });
});
