/** The live channel beside the poll: against the real wall, and against a scripted one for its failures. */
import type { Page } from "@playwright/test";
import { RECONNECT_MAX_MS } from "../../client/live/reconnect";
import { KEEP_HIDDEN_MS } from "../../client/polling/use-poll-lease";
import { PAGE_POLL_INTERVAL_MS } from "../../schema/limits";
import { LIVE_PATH, LIVE_SILENCE_MAX_MS } from "../../schema/live/messages";
import { expect, LONG, test } from "../fixtures";
import {
  COMMENTS,
  expectSent,
  message,
  NETWORK_ERROR,
  nextPoll,
  open,
  pauseClock,
  routePosts,
  send,
  status,
  unique,
} from "../page";
import { scriptedChannel } from "../scripted-channel";
import { refuseChannel } from "../scripted-wall";
import { setVisibility } from "../visibility";

/** Opens the page and waits until its channel vouches. */
async function openLive(page: Page) {
  await open(page);
  await expect(status(page)).toHaveText("live");
}

/** Lets the page handle what it was sent, and its requests reach the test. */
async function settle(page: Page) {
  await page.evaluate(() => fetch("/favicon.svg").then((answer) => answer.text()));
}

/** The GETs of comments, and the sockets, that a page opens from now on. */
function traffic(page: Page) {
  const seen = { reads: 0, posts: 0, sockets: 0 };
  page.on("request", (request) => {
    if (!request.url().includes(COMMENTS)) return;
    if (request.method() === "GET") seen.reads += 1;
    else seen.posts += 1;
  });
  page.on("websocket", (socket) => {
    if (socket.url().includes(LIVE_PATH)) seen.sockets += 1;
  });
  return seen;
}

test.describe("two browsers", () => {
  test(
    "a message appears in the other one without a poll, both ways",
    LONG,
    async ({ page, openVisitor }) => {
      const other = await openVisitor();
      await Promise.all([openLive(page), openLive(other)]);
      for (const [writer, reader] of [
        [page, other],
        [other, page],
      ] as const) {
        const text = unique("at once");
        const seen = traffic(reader);
        await send(writer, text);
        await expect(message(reader, text)).toBeVisible();
        expect(seen.reads).toBe(0);
        await expectSent(writer, text);
        await expect(message(reader, text)).toHaveCount(1);
      }
    },
  );

  test("a browser without the channel polls", LONG, async ({ page, openVisitor }) => {
    const other = await openVisitor();
    await refuseChannel(other);
    await Promise.all([openLive(page), open(other)]);
    const seen = traffic(other);
    const text = unique("by a poll");
    await send(page, text);
    await expect(message(other, text)).toBeVisible();
    await expect.poll(() => seen.reads).toBeGreaterThan(0);
    await expect(status(other)).toHaveText(/^live · (now|\d+ s ago)$/);
  });

  test(
    "in 70 quiet seconds the page makes at most 2 requests",
    LONG,
    async ({ startStack, page }) => {
      test.setTimeout(240_000);
      const wall = await startStack();
      await page.goto(wall.url);
      await expect(status(page)).toHaveText("live");
      const seen = traffic(page);
      await page.waitForTimeout(70_000);
      await expect(status(page)).toHaveText("live");
      expect(seen.reads + seen.sockets).toBeLessThanOrEqual(2);
    },
  );

  test.describe("and a wall that restarts", () => {
    test.use({ expectedConsole: [NETWORK_ERROR] });

    test(
      "poll at once, go live again, and miss nothing",
      LONG,
      async ({ startStack, page, openVisitor }) => {
        test.setTimeout(240_000);
        const wall = await startStack();
        const other = await openVisitor({ baseURL: wall.url });
        await page.goto(wall.url);
        await openLive(other);
        await expect(status(page)).toHaveText("live");
        const before = unique("before the restart");
        await send(page, before);
        await expect(message(other, before)).toBeVisible();
        const seen = traffic(other);
        await wall.restartWorker();
        const after = unique("after the restart");
        await send(page, after);
        await expect(message(other, after)).toBeVisible({ timeout: 60_000 });
        await expect.poll(() => seen.sockets, { timeout: 60_000 }).toBeGreaterThan(0);
        await expect(status(other)).toHaveText("live", { timeout: 60_000 });
        for (const text of [before, after]) await expect(message(other, text)).toHaveCount(1);
      },
    );
  });
});

test.describe("the page's security policy", () => {
  test.use({ expectedConsole: [/^WebSocket connection to|Content Security Policy/] });

  test("allows its own sockets, and no other host's", async ({ page }) => {
    // The same headers as the wall's page, without its channel.
    await page.goto("/status");
    const blocked = await page.evaluate(async () => {
      const uris: string[] = [];
      document.addEventListener("securitypolicyviolation", ({ blockedURI }) =>
        uris.push(blockedURI),
      );
      for (const origin of [location.origin.replace("http", "ws"), "ws://localhost:9"]) {
        const socket = new WebSocket(`${origin}/api/live?since=none`);
        await new Promise((resolve) => {
          socket.onerror = resolve;
        });
      }
      return uris;
    });
    expect(blocked).toEqual([expect.stringMatching(/^ws:\/\/localhost:9/)]);
  });
});

test.describe("with a scripted channel", () => {
  test(
    "frames show messages while polls make no request, and an audit comes each minute",
    LONG,
    async ({ page }) => {
      const channel = await scriptedChannel(page, 3);
      await openLive(page);
      const before = channel.wall.reads.length;
      channel.say("pushed");
      await expect(message(page, "pushed")).toBeVisible();
      for (let polls = 0; polls < 8; polls += 1) await nextPoll(page);
      await settle(page);
      expect(channel.wall.reads).toHaveLength(before);
      for (let polls = 0; polls < 6; polls += 1) await nextPoll(page);
      await settle(page);
      expect(channel.wall.reads).toHaveLength(before + 1);
      await expect(status(page)).toHaveText("live");
      expect(channel.sockets).toHaveLength(1);
    },
  );

  test("a refused channel leaves the page polling", async ({ page }) => {
    const channel = await scriptedChannel(page, 3);
    channel.refuse(true);
    await open(page);
    channel.say("by a poll");
    await nextPoll(page);
    await expect(message(page, "by a poll")).toBeVisible();
    await expect(status(page)).toHaveText(/^live · /);
  });

  test(
    "a dropped socket leads to one poll at once, then polls, then the channel again",
    LONG,
    async ({ page }) => {
      const channel = await scriptedChannel(page, 3);
      await openLive(page);
      channel.refuse(true);
      channel.wall.add("said meanwhile");
      // No poll is due of itself.
      await pauseClock(page);
      const before = channel.wall.reads.length;
      channel.drop();
      await expect(message(page, "said meanwhile")).toBeVisible();
      expect(channel.wall.reads.length).toBe(before + 1);
      await nextPoll(page);
      await expect.poll(() => channel.wall.reads.length).toBeGreaterThan(before + 1);
    },
  );

  test("a socket that dies silently is noticed within 30 s", async ({ page }) => {
    const channel = await scriptedChannel(page, 3);
    await openLive(page);
    channel.fallSilent();
    channel.say("into silence");
    await page.clock.runFor(LIVE_SILENCE_MAX_MS + PAGE_POLL_INTERVAL_MS);
    await expect(message(page, "into silence")).toBeVisible();
    await expect(status(page)).not.toHaveText("live");
    await page.clock.fastForward(RECONNECT_MAX_MS);
    await expect.poll(() => channel.sockets.length).toBeGreaterThan(1);
  });

  test(
    "a post goes over the channel, and over HTTP with its nonce if there is no answer",
    LONG,
    async ({ page }) => {
      const channel = await scriptedChannel(page, 3);
      await openLive(page);
      const nonces = await routePosts(page, (route) => {
        const { text, nonce } = route.request().postDataJSON();
        return route.fulfill({ status: 201, json: { ...channel.wall.commentAt(4), text, nonce } });
      });
      await send(page, "over the channel");
      await expectSent(page, "over the channel");
      expect(nonces).toEqual([]);
      channel.answerPosts(false);
      await send(page, "answer lost");
      await expect(message(page, "answer lost")).toHaveAttribute("data-state", "sending");
      await page.clock.runFor(5_000);
      await expectSent(page, "answer lost");
      const [socket] = channel.sockets;
      const posted = socket?.received.filter((text) => text.includes("answer lost")) ?? [];
      expect(posted.map((text) => JSON.parse(text).post.nonce)).toEqual(nonces);
    },
  );

  test(
    "two tabs share one socket; it moves with the visible tab",
    LONG,
    async ({ context, page }) => {
      const channel = await scriptedChannel(context, 3);
      await openLive(page);
      const other = await context.newPage();
      await open(other);
      channel.say("to both");
      for (const tab of [page, other]) await expect(message(tab, "to both")).toBeVisible();
      expect(channel.sockets).toHaveLength(1);
      await nextPoll(page);
      await expect(status(other)).toHaveText("live");

      await setVisibility(page, "hidden");
      await expect.poll(() => channel.sockets.length).toBe(2);
      await expect.poll(() => channel.sockets.map(({ isOpen }) => isOpen())).toEqual([false, true]);
      channel.say("after the move");
      for (const tab of [page, other]) await expect(message(tab, "after the move")).toHaveCount(1);
    },
  );

  test(
    "when all tabs are hidden, the last one keeps the socket for half an hour, without polls",
    LONG,
    async ({ context, page }) => {
      const channel = await scriptedChannel(context, 3);
      await openLive(page);
      const other = await context.newPage();
      await open(other);
      await setVisibility(other, "hidden");
      await setVisibility(page, "hidden");
      const before = channel.wall.reads.length;
      // Less than a minute in all: then the page would read once, to see that the channel is well.
      for (let polls = 0; polls < 8; polls += 1) {
        await page.clock.runFor(PAGE_POLL_INTERVAL_MS);
        await settle(page);
      }
      channel.say("while hidden");
      for (const tab of [page, other]) await expect(tab).toHaveTitle("(1) saywhatwant");
      expect(channel.wall.reads).toHaveLength(before);
      expect(channel.sockets).toHaveLength(1);
      await page.clock.fastForward(KEEP_HIDDEN_MS);
      await expect.poll(() => channel.sockets[0]?.isOpen()).toBe(false);
      await setVisibility(page, "visible");
      await expect.poll(() => channel.sockets.length).toBe(2);
      await expect(status(page)).toHaveText("live");
    },
  );
});
