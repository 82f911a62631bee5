/** Bots and browsers that are here, and answers on their way. */
import type { Page } from "@playwright/test";
import { expectNoAxeFinding } from "../axe";
import { expect, LONG, test } from "../fixtures";
import { atRest, box, message, nextPoll, open, status } from "../page";
import { scriptedChannel } from "../scripted-channel";
import { scriptedWall } from "../scripted-wall";

const here = (page: Page) => page.locator(".here");
const toABot = (page: Page) => page.getByRole("button", { name: /^Write to a bot/ });
const answering = (page: Page) => page.locator(".answering");

async function openLive(page: Page) {
  const channel = await scriptedChannel(page, 3);
  await open(page);
  await expect(status(page)).toHaveText("live");
  return channel;
}

test("the header names the bots that are here and counts browsers, as the channel tells", async ({
  page,
}) => {
  const asked: string[] = [];
  page.on("request", (request) => {
    if (request.url().endsWith("/api/bots")) asked.push(request.url());
  });
  const channel = await openLive(page);
  channel.hint({ here: 2 });
  await expect(here(page)).toHaveText("2 here");
  channel.hint({ bots: ["ada", "tide"] });
  await expect(toABot(page)).toHaveAccessibleName("Write to a bot. Here: ada, tide");
  await expect(here(page)).toContainText("ada, tide");
  channel.hint({ here: 7 });
  await expect(here(page)).toContainText("7 here");
  const count = await here(page).boundingBox();
  const freshness = await status(page).boundingBox();
  expect((freshness?.x ?? 0) - ((count?.x ?? 0) + (count?.width ?? 0))).toBeLessThan(40);
  channel.hint({ bots: [] });
  await expect(toABot(page)).toHaveCount(0);
  for (let polls = 0; polls < 8; polls += 1) await nextPoll(page);
  await box(page).focus();
  expect(asked).toEqual([]);
});

test("a page without the channel asks for the bots after 10 s, and before one writes; it shows no browsers", async ({
  page,
}) => {
  const wall = await scriptedWall(page, 3);
  wall.bots.push("ada");
  await open(page);
  await page.clock.runFor(10_000);
  await expect(here(page)).toContainText("ada");
  await expect(here(page)).not.toContainText("here");
  wall.bots.push("tide");
  await page.clock.runFor(30_000);
  await box(page).focus();
  await expect(toABot(page)).toHaveAccessibleName("Write to a bot. Here: ada, tide");
});

test("a bot's row has a glyph, and quotes only a message that is not just above", async ({
  page,
}) => {
  const wall = await scriptedWall(page, 3);
  wall.add({ text: "first answer", username: "tide", type: "bot", replyTo: wall.idOf(2) });
  wall.add({ text: "second answer", username: "ada", type: "bot", replyTo: wall.idOf(2) });
  wall.add({ text: "a person's", username: "mira", replyTo: wall.idOf(4) });
  await open(page);
  const quote = (text: string) => message(page, text).locator(".reply-quote");
  await expect(message(page, "first answer").locator(".bot-glyph")).toBeVisible();
  await expect(message(page, "a person's").locator(".bot-glyph")).toHaveCount(0);
  await expect(quote("first answer")).toHaveCount(0);
  await expect(quote("second answer")).toContainText("message 3");
  await expect(quote("a person's")).toContainText("second answer");
});

test.describe("“ada is answering…”", () => {
  const hint = (id: string, until: number) => ({ answering: { id, name: "ada", until } });

  test("stands under the message until the answer is there", LONG, async ({ page }) => {
    const channel = await openLive(page);
    const id = channel.wall.idOf(2);
    channel.hint(hint(id, Date.now() + 30_000));
    await expect(message(page, "message 3").locator(".answering")).toHaveText("ada is answering…");
    await expect(answering(page)).toHaveCount(1);
    await expectNoAxeFinding(page);
    channel.say({ text: "done", username: "ada", type: "bot", replyTo: id });
    await expect(message(page, "done")).toBeVisible();
    await expect(answering(page)).toHaveCount(0);
  });

  test(
    "goes when the bot gives the message back, and when its claim ends",
    LONG,
    async ({ page }) => {
      const channel = await openLive(page);
      const [first, second] = [channel.wall.idOf(1), channel.wall.idOf(2)];
      const now = await page.evaluate(() => Date.now());
      channel.hint(hint(first, now + 60_000));
      channel.hint(hint(second, now + 20_000));
      await expect(answering(page)).toHaveCount(2);
      channel.hint(hint(first, 0));
      await expect(answering(page)).toHaveCount(1);
      await page.clock.runFor(20_000);
      await expect(answering(page)).toHaveCount(0);
    },
  );

  test(
    "goes with the channel, and does not move a reader who reads above",
    LONG,
    async ({ page }) => {
      const channel = await openLive(page);
      for (let count = 0; count < 60; count += 1) channel.say(`line ${count}`);
      await expect(message(page, "line 59")).toBeVisible();
      await page.getByRole("main").hover();
      await page.mouse.wheel(0, -600);
      await expect(page.locator(".pill")).toBeVisible();
      const row = message(page, "line 35");
      const top = async () => (await row.boundingBox())?.y;
      await atRest(page);
      const before = await top();
      // Above the view.
      channel.hint(hint(channel.wall.idOf(10), Date.now() + 60_000));
      await expect(answering(page)).toHaveCount(1);
      await expect.poll(top).toBe(before);
      channel.refuse(true);
      channel.drop();
      await expect(answering(page)).toHaveCount(0);
      await expect.poll(top).toBe(before);
    },
  );

  test("is known to all tabs of the browser", LONG, async ({ context, page }) => {
    const channel = await scriptedChannel(context, 3);
    await open(page);
    await expect(status(page)).toHaveText("live");
    const other = await context.newPage();
    await open(other);
    channel.hint({ bots: ["ada"] });
    channel.hint(hint(channel.wall.idOf(2), Date.now() + 30_000));
    for (const tab of [page, other]) {
      await expect(answering(tab)).toHaveText("ada is answering…");
      await expect(toABot(tab)).toBeVisible();
    }
  });
});

test("messages of a newer wall that this page doesn't know are ignored", async ({ page }) => {
  const channel = await openLive(page);
  channel.hint({ weather: "fine" });
  channel.hint({ bots: "ada" });
  channel.hint({ answering: { id: channel.wall.idOf(2) } });
  channel.hint({ here: 2, bots: ["ada"], later: true });
  channel.say("after them");
  await expect(message(page, "after them")).toBeVisible();
  await expect(status(page)).toHaveText("live");
  expect(channel.sockets).toHaveLength(1);
});
