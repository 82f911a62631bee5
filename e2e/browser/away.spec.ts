/** The page in front of a wall that is away, idle or paused, and in a tab that nobody looks at. */
import { BACKOFF_MAX_MS } from "../../client/api/backoff";
import { PAGE_POLL_INTERVAL_MS } from "../../schema/limits";
import { expect, LONG, test } from "../fixtures";
import {
  COMMENTS,
  expectSent,
  message,
  NETWORK_ERROR,
  nextPoll,
  open,
  routePosts,
  rows,
  send,
  status,
} from "../page";
import { scriptedWall } from "../scripted-wall";
import { setVisibility } from "../visibility";

test.use({ expectedConsole: [NETWORK_ERROR] });

test("a message that found no wall is sent by itself, once, when the wall is back", async ({
  page,
}) => {
  const wall = await scriptedWall(page, 3);
  let isDown = false;
  const nonces = await routePosts(page, async (route) => {
    if (isDown) return route.abort();
    const { text, nonce } = route.request().postDataJSON();
    wall.add({ text, nonce });
    await route.fulfill({ status: 201, json: { ...wall.commentAt(3), text, nonce } });
  });
  await open(page);
  isDown = true;
  wall.failWith(502);
  await send(page, "into the outage");
  await expect(page.getByText("Not sent: couldn't reach the wall.")).toBeVisible();
  await nextPoll(page);
  await expect(status(page)).toHaveText("reconnecting…");
  isDown = false;
  wall.failWith(null);
  await page.clock.fastForward(BACKOFF_MAX_MS);
  await expectSent(page, "into the outage");
  expect(new Set(nonces).size).toBe(1);
});

test("without the live channel, a single hidden tab asks once a minute and counts in its title", async ({
  page,
}) => {
  const wall = await scriptedWall(page, 3);
  await open(page);
  await setVisibility(page, "hidden");
  await expect(page.locator("[data-lease=keeps]")).toBeAttached();
  const before = wall.reads.length;
  wall.add("while nobody looks");
  await page.clock.runFor(60_000);
  await expect(page).toHaveTitle("(1) saywhatwant");
  expect(wall.reads).toHaveLength(before + 1);
});

test("a newcomer to an idle wall is not greeted by an alarm", async ({ page }) => {
  await scriptedWall(page, 3);
  const rebuiltAt = Date.now() - 90_000;
  await page.route(`**${COMMENTS}*`, async (route) => {
    if (route.request().method() !== "GET") return route.fallback();
    const read = { comments: [], removed: [], cursor: "aaaaaaaa.3", rebuiltAt, gap: false };
    await route.fulfill({ json: read, headers: { Date: new Date().toUTCString() } });
  });
  await open(page);
  await expect(status(page)).toHaveText("connecting…");
  await expect(status(page)).toHaveAttribute("data-tone", "waiting");
  // A wall that stays late is one that doesn't work.
  for (let polls = 0; polls < 3; polls += 1) await nextPoll(page);
  await expect(status(page)).toHaveText(/^last update/);
  await expect(status(page)).toHaveAttribute("data-tone", "alarming");
});

test("after a refused message, the composer says that posting is paused", async ({ page }) => {
  await scriptedWall(page, 3);
  await routePosts(page, (route) =>
    route.fulfill({
      status: 503,
      contentType: "application/problem+json",
      headers: { "Retry-After": "10" },
      body: JSON.stringify({ status: 503, code: "posting_paused", detail: "Posting is paused." }),
    }),
  );
  await open(page);
  await expect(page.getByText("Posting is paused.")).toHaveCount(0);
  await send(page, "too soon");
  await expect(page.getByText("New messages wait and are sent when it resumes.")).toBeVisible();
  await page.getByRole("button", { name: "Discard" }).click();
  await expect(page.getByText("New messages wait and are sent when it resumes.")).toHaveCount(0);
});

test.describe("translated by the browser", () => {
  test(
    "the page still shows how fresh it is, searches, and takes new messages",
    LONG,
    async ({ page }) => {
      const wall = await scriptedWall(page, 5);
      await open(page);
      await expect(status(page)).toHaveText(/^live/);
      await page.evaluate(translate);
      wall.failWith(502);
      await nextPoll(page);
      await expect(status(page)).toHaveText("reconnecting…");
      await page.evaluate(translate);
      wall.failWith(null);
      wall.add("said afterwards");
      await page.clock.runFor(BACKOFF_MAX_MS);
      await expect(message(page, "said afterwards")).toBeVisible();
      await expect(status(page)).toHaveText(/^live/);
      for (const words of ["message", "message 3", ""]) {
        await page.evaluate(translate);
        await page.getByRole("button", { name: "Search", exact: true }).click();
        await page.getByRole("searchbox").fill(words);
        await expect(rows(page)).toHaveCount(words === "message 3" ? 1 : words === "" ? 6 : 5);
        await page.evaluate(translate);
        await page.keyboard.press("Escape");
        await expect(page.getByRole("searchbox")).toHaveCount(0);
      }
      await page.clock.runFor(PAGE_POLL_INTERVAL_MS);
      await expect(rows(page)).toHaveCount(6);
    },
  );
});

/** Runs in the page. Wraps each text node, as the translators of browsers do. */
function translate() {
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const nodes: Node[] = [];
  while (walker.nextNode()) nodes.push(walker.currentNode);
  for (const node of nodes) {
    const parent = node.parentNode;
    if (!parent || parent.nodeName === "FONT" || !node.nodeValue?.trim()) continue;
    if (["SCRIPT", "STYLE", "TEXTAREA", "TITLE", "OPTION"].includes(parent.nodeName)) continue;
    const font = document.createElement("font");
    parent.replaceChild(font, node);
    font.append(`${node.nodeValue}`);
  }
}
