/** How the page stays fresh, and how many requests it makes. */
import type { BrowserContext, Page, Route } from "@playwright/test";
import { BACKOFF_MAX_MS } from "../../client/api/backoff";
import { PAGE_POLL_INTERVAL_MS } from "../../schema/limits";
import { expect, LONG, test } from "../fixtures";
import {
  COMMENTS,
  expectSent,
  isKept,
  message,
  NETWORK_ERROR,
  nextPoll,
  open,
  pauseClock,
  ready,
  rows,
  send,
  status,
  unique,
} from "../page";
import { refuseChannel, scriptedWall } from "../scripted-wall";
import { setVisibility } from "../visibility";

test(
  "without the live channel, the freshness line shows the age of the wall",
  LONG,
  async ({ page }) => {
    await refuseChannel(page);
    await open(page);
    await expect(status(page)).toHaveText(/^live · (now|\d+ s ago)$/);
    await expect(status(page)).toHaveAttribute("data-tone", "calm");
    const first = (await status(page).textContent()) ?? "";
    await expect(status(page)).not.toHaveText(first);
    await expect(status(page)).toHaveText(/^live · (now|\d+ s ago)$/);
  },
);

test("a hidden tab does not poll, and polls at once when it is shown again", async ({ page }) => {
  const wall = await scriptedWall(page, 3);
  await open(page);
  await setVisibility(page, "hidden");
  const before = wall.reads.length;
  await page.clock.runFor(10 * PAGE_POLL_INTERVAL_MS);
  // The page would have sent a poll before this request, so by the time of this answer it would be recorded.
  expect(await page.evaluate(async () => (await fetch("/favicon.svg")).ok)).toBe(true);
  expect(wall.reads).toHaveLength(before);
  await setVisibility(page, "visible");
  await expect.poll(() => wall.reads.length).toBe(before + 1);
});

test.describe("two tabs of one browser", () => {
  const openTwo = async (context: BrowserContext, page: Page) => {
    const wall = await scriptedWall(context, 20);
    await open(page);
    const other = await context.newPage();
    await open(other);
    return { wall, tabs: [page, other] };
  };

  test(
    "share one poll; when the polling tab is hidden, the other one polls",
    LONG,
    async ({ context, page }) => {
      const { wall, tabs } = await openTwo(context, page);
      // No poll is due of itself.
      await pauseClock(page);
      const pollers: Page[] = [];
      context.on("request", (request) => {
        if (request.url().includes(COMMENTS)) pollers.push(request.frame().page());
      });
      for (const text of ["heard by both", "and again"]) {
        wall.add(text);
        await nextPoll(page);
        for (const tab of tabs) await expect(message(tab, text)).toBeVisible();
      }
      const [poller] = pollers;
      expect(pollers).toEqual([poller, poller]);

      await setVisibility(poller as Page, "hidden");
      pollers.length = 0;
      wall.add("after the handover");
      await nextPoll(page);
      for (const tab of tabs) await expect(message(tab, "after the handover")).toHaveCount(1);
      expect(pollers).not.toContain(poller);
    },
  );

  test(
    "a hidden tab counts in its title the messages that the other tab reads, and plays a sound if switched on",
    LONG,
    async ({ context, page }) => {
      await context.addInitScript(() => {
        const heard = { tones: 0 };
        Object.assign(window, { heard });
        const start = OscillatorNode.prototype.start;
        OscillatorNode.prototype.start = function (when) {
          heard.tones += 1;
          start.call(this, when);
        };
      });
      const { wall, tabs } = await openTwo(context, page);
      const tones = () =>
        page.evaluate(() => (window as unknown as { heard: { tones: number } }).heard.tones);
      const [, other] = tabs as [Page, Page];
      await setVisibility(page, "hidden");
      wall.add("in silence");
      await nextPoll(page);
      await expect(message(other, "in silence")).toBeVisible();
      await expect(page).toHaveTitle("(1) saywhatwant");
      expect(await tones()).toBe(0);

      await other.getByRole("button", { name: "Help and settings" }).click();
      await other.getByRole("checkbox", { name: /sound/i }).check();
      wall.add("with a sound");
      await nextPoll(page);
      await expect(page).toHaveTitle("(2) saywhatwant");
      await expect.poll(tones).toBeGreaterThan(0);
      await setVisibility(page, "visible");
      await expect(page).toHaveTitle("saywhatwant");
    },
  );
});

test.describe("during an outage", () => {
  test.use({ expectedConsole: [NETWORK_ERROR] });

  test(
    "the page polls less and less often, one request at a time, and recovers by itself",
    LONG,
    async ({ page }) => {
      // With the most jitter, each wait is as long as its upper bound, which doubles from one wait to the next.
      await page.addInitScript(() => {
        Math.random = () => 1 - Number.EPSILON;
      });
      const wall = await scriptedWall(page, 10);
      await open(page);
      await pauseClock(page);
      /** Advances the clock second by second; returns the seconds in which the page polled. */
      const pollsWithin = async (seconds: number) => {
        const asked: number[] = [];
        for (let second = 1; second <= seconds; second += 1) {
          const before = wall.reads.length;
          await page.clock.runFor(1_000);
          // Gives the page time to handle the answer to a poll.
          await page.evaluate(() => fetch("/favicon.svg").then((answer) => answer.text()));
          if (wall.reads.length > before) asked.push(second);
        }
        return asked;
      };
      wall.failWith(500);
      wall.add("said meanwhile");
      const asked = await pollsWithin(30 + 5);
      const gaps = asked.slice(1).map((second, index) => second - (asked[index] ?? 0));
      expect(gaps.slice(0, 4)).toEqual([1, 2, 4, 8]);
      await expect(status(page)).toHaveText("reconnecting…");
      // On a return to the tab the page polls at once; it must not start a second chain of retries.
      await page.evaluate(() => window.dispatchEvent(new Event("focus")));
      await expect(message(page, "said meanwhile")).toHaveCount(0);

      wall.failWith(null);
      const recovery = await pollsWithin(BACKOFF_MAX_MS / 1_000 + 10);
      await expect(message(page, "said meanwhile")).toBeVisible();
      await expect(status(page)).toHaveText(/^live/);
      // SWR's interval kept running, so the first poll after the recovery comes when that is due. Measure from there on.
      const spacing = recovery.slice(2).map((second, index) => second - (recovery[index + 1] ?? 0));
      expect(spacing.length).toBeGreaterThan(0);
      expect(new Set(spacing)).toEqual(new Set([PAGE_POLL_INTERVAL_MS / 1_000]));
    },
  );

  test(
    "a return visit shows the stored messages at once, even if the wall is unreachable",
    LONG,
    async ({ page }) => {
      const wall = await scriptedWall(page, 30);
      await open(page);
      await page.clock.runFor(PAGE_POLL_INTERVAL_MS);
      await expect.poll(() => page.evaluate(isKept, "message 30")).toBe(true);
      wall.failWith(503);
      await page.reload();
      await ready(page);
      await expect(message(page, "message 30")).toBeVisible();
      await expect(status(page)).toHaveText("reconnecting…");
      wall.add("back again");
      wall.failWith(null);
      await page.clock.fastForward(BACKOFF_MAX_MS);
      await expect(message(page, "back again")).toBeVisible();
      await expect(message(page, "message 30")).toHaveCount(1);
    },
  );

  test.describe("without a network", () => {
    test.use({ serviceWorkers: "allow" });

    test("the page opens with the stored messages", LONG, async ({ context, page }) => {
      await open(page);
      const text = unique("to be kept");
      await send(page, text);
      await expectSent(page, text);
      await expect.poll(() => page.evaluate(isKept, text)).toBe(true);
      await expect.poll(() => page.evaluate(isShellKept)).toBe(true);
      await context.setOffline(true);
      await page.reload();
      await expect(message(page, text)).toBeVisible();
      await expect(status(page)).toHaveText(/^(offline|reconnecting…)$/);
      // Some browsers forget the emulated offline state in a reload: set it again.
      await context.setOffline(false);
      await context.setOffline(true);
      await expect(status(page)).toHaveText("offline");
      await context.setOffline(false);
      await expect(status(page)).toHaveText(/^live/, { timeout: BACKOFF_MAX_MS });
      await expect(rows(page).filter({ hasText: text })).toHaveCount(1);
    });

    test("assets that are still loading when the service worker takes control are cached too", async ({
      page,
    }) => {
      await page.addInitScript(holdRegistration);
      const held: Route[] = [];
      await open(page);
      await page.route("**/_next/static/**", (route) => void held.push(route));
      await page.getByRole("button", { name: "Help and settings" }).click();
      await expect.poll(() => held.length).toBeGreaterThan(0);
      await page.evaluate(() => window.dispatchEvent(new Event("registration-may-go-on")));
      await expect.poll(() => page.evaluate(isShellKept)).toBe(true);
      await Promise.all(held.map((route) => route.continue()));
      await expect(page.getByRole("dialog", { name: "Help and settings" })).toBeVisible();
      await expect.poll(() => page.evaluate(isShellKept)).toBe(true);
    });
  });
});

/** Runs in the page. Delays the service worker's registration until the test dispatches `registration-may-go-on`. */
function holdRegistration() {
  const workers = navigator.serviceWorker;
  const register = workers.register.bind(workers);
  const mayGoOn = new Promise((resolve) => {
    window.addEventListener("registration-may-go-on", resolve, { once: true });
  });
  workers.register = async (...args) => {
    await mayGoOn;
    return register(...args);
  };
}

/** Runs in the page. Whether the page, and all its assets loaded so far, are in the service worker's cache. */
async function isShellKept(): Promise<boolean> {
  const assets = performance
    .getEntriesByType("resource")
    .map(({ name }) => name)
    .filter((name) => name.includes("/_next/static/"));
  const kept = await Promise.all(["/", ...assets].map((path) => caches.match(path)));
  return kept.every(Boolean);
}
