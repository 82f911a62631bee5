/** The status page and the badge. */
import type { Page } from "@playwright/test";
import { STATUS_POLL_INTERVAL_MS } from "../../schema/limits";
import { expectNoAxeFinding } from "../axe";
import { expect, LONG, test } from "../fixtures";
import { box, NETWORK_ERROR } from "../page";
import { scriptedStatus } from "../scripted-status";
import { setVisibility } from "../visibility";

const PHONE = { width: 360, height: 740 };

const verdict = (page: Page) => page.getByTestId("verdict");
const headline = (page: Page) => verdict(page).getByRole("status");
const panel = (page: Page, name: string) => page.getByRole("figure", { name });

/** The table rows behind a plot, newest first. */
async function table(page: Page, name: string): Promise<string[]> {
  const summary = panel(page, name).getByText("Show as table");
  const rows = panel(page, name).locator("tbody tr");
  if ((await rows.count()) === 0) await summary.click();
  await expect(rows.first()).toBeVisible();
  return rows.allInnerTexts();
}

const drawing = (page: Page, name: string) =>
  panel(page, name).locator("path.plot-bars").first().getAttribute("d");

test("a healthy wall shows as fresh with since when, and its last hour", async ({ page }) => {
  await scriptedStatus(page, 45);
  await page.goto("/status");
  await expect(headline(page)).toHaveText("Fresh");
  await expect(verdict(page)).toContainText(/For at least 45 min, since \d/);
  await expect(verdict(page)).toHaveAttribute("data-tone", "calm");
  for (const name of ["Cache age", "Rebuild time", "Messages", "Operations"])
    expect(await table(page, name)).toHaveLength(45);
  const figures = page.locator(".key-figures dt");
  await expect(figures).toHaveText(["Cache age", "Rebuild", "Messages", "Waiting for a bot"]);
  await expect(page.getByRole("heading", { name: "Monthly cost at this rate" })).toBeVisible();
  await expect(page.getByText("$18.40")).toBeVisible();
  await expect(page.getByText("Runs out at 00:50 UTC")).toBeVisible();
});

test("the plots advance every minute", async ({ page }) => {
  const script = await scriptedStatus(page, 60);
  await page.goto("/status");
  await expect(headline(page)).toHaveText("Fresh");
  const before = await drawing(page, "Messages");
  const [newest = ""] = await table(page, "Messages");
  await script.pass({ operations: { message: 321 } });
  await expect(panel(page, "Messages").locator("figcaption")).toContainText("321");
  expect(await drawing(page, "Messages")).not.toBe(before);
  const after = await table(page, "Messages");
  expect(after).toHaveLength(60);
  expect(after[0]).toMatch(/\b321$/);
  expect(after[1]).toBe(newest);
});

test("the live channel is shown in numbers, with the reasons for closed and refused ones", async ({
  page,
}) => {
  const script = await scriptedStatus(page, 45);
  script.tell({
    ledger: "sqlite",
    operations: { append: 12 },
    live: {
      sockets: 31,
      frames: 4_200,
      bytes: 1_900_000,
      posts: 88,
      messages: 93,
      closed: { 1012: 30, 4001: 1 },
      refused: { 429: 2 },
    },
  });
  await page.goto("/status");
  const live = page.getByRole("region", { name: "Live channel" });
  await expect(live.getByRole("row", { name: /Open channels/ })).toContainText("31");
  await expect(live.getByRole("row", { name: /over the channel/ })).toContainText("88");
  await expect(live.getByRole("row", { name: /over HTTP/ })).toContainText("12");
  await expect(live.getByRole("row", { name: /Closed/ })).toContainText("30 wall restarted");
  await expect(live.getByRole("row", { name: /Refused/ })).toContainText("2 too many");
});

test("in the first minutes there is no cost estimate", async ({ page }) => {
  await scriptedStatus(page, 4);
  await page.goto("/status");
  await expect(page.getByText(/Available after 10 minutes of data \(4 so far\)\./)).toBeVisible();
  await expect(page.getByRole("table")).toHaveCount(0);
});

test("a hidden tab does not poll, and polls at once when it is shown again", async ({ page }) => {
  const script = await scriptedStatus(page);
  await page.goto("/status");
  await expect(headline(page)).toHaveText("Fresh");
  await setVisibility(page, "hidden");
  const before = script.asked;
  await page.clock.runFor(10 * STATUS_POLL_INTERVAL_MS);
  // A poll would have been seen before this answer arrived.
  expect(await page.evaluate(async () => (await fetch("/favicon.svg")).ok)).toBe(true);
  expect(script.asked).toBe(before);
  await setVisibility(page, "visible");
  // SWR waits for the next frame.
  await page.clock.runFor(100);
  await expect.poll(() => script.asked).toBe(before + 1);
});

test.describe("when the wall is unhealthy", () => {
  test.use({ expectedConsole: [NETWORK_ERROR] });

  test("the headline shows late, unavailable or unreachable, and recovers by itself", async ({
    page,
  }) => {
    const script = await scriptedStatus(page);
    await page.goto("/status");
    await expect(headline(page)).toHaveText("Fresh");
    const now = await page.evaluate(() => Date.now());
    const told = async (changes: Parameters<typeof script.tell>[0], words: string) => {
      script.tell(changes);
      await page.clock.runFor(STATUS_POLL_INTERVAL_MS);
      await expect(headline(page)).toHaveText(words);
      await expect(verdict(page)).toHaveAttribute(
        "data-tone",
        words === "Fresh" ? "calm" : "alarming",
      );
    };
    const old = { ok: false, rebuiltAt: now - 45_000, ageMs: 55_000 };
    await told(old, "Late");
    await expect(verdict(page)).toContainText(/For 4\d s, since/);
    const away = { history: undefined, cost: undefined, operations: {}, away: true } as const;
    await told({ ...old, ...away, ageMs: 65_000 }, "Rebuilder unavailable");
    // The known part of the hour stays.
    expect(await table(page, "Messages")).toHaveLength(45);
    await told(null, "Unreachable");
    await told({}, "Fresh");
  });

  test(
    "a stopped Worker shows as unreachable, then as fresh once it continues",
    LONG,
    async ({ startStack, openVisitor }) => {
      test.setTimeout(120_000);
      const stack = await startStack();
      const page = await openVisitor({ baseURL: stack.url });
      await page.goto("/status");
      await expect(headline(page)).toHaveText("Fresh");
      const [worker = 0] = stack.groups();
      process.kill(-worker, "SIGSTOP");
      try {
        await expect(headline(page)).toHaveText("Unreachable", { timeout: 40_000 });
      } finally {
        process.kill(-worker, "SIGCONT");
      }
      await expect(headline(page)).toHaveText("Fresh", { timeout: 40_000 });
    },
  );
});

test("the help dialog links to the status page, which links back", LONG, async ({ page }) => {
  await page.goto("/");
  await page.getByRole("button", { name: "Help and settings" }).click();
  await page.getByRole("link", { name: "Wall status" }).click();
  await expect(headline(page)).toHaveText("Fresh");
  await page.getByRole("link", { name: "Go to the wall" }).last().click();
  await expect(box(page)).toBeVisible();
});

test("the badge is an image that any site may embed and cache for some seconds", async ({
  request,
}) => {
  const answer = await request.get("/api/status/badge.svg");
  expect(answer.status()).toBe(200);
  expect(answer.headers()).toMatchObject({
    "content-type": "image/svg+xml; charset=utf-8",
    "cache-control": "public, max-age=10",
    "content-security-policy": expect.stringContaining("default-src 'none'"),
  });
  expect(await answer.text()).toContain("wall: ok");
  const refused = await request.post("/api/status/badge.svg", { data: {} });
  expect([refused.status(), refused.headers().allow]).toEqual([405, "GET, HEAD"]);
});

for (const colorScheme of ["dark", "light"] as const) {
  test.describe(colorScheme, () => {
    test.use({ colorScheme, viewport: PHONE });

    test(
      "axe finds no problems on the status page, and it fits a phone",
      LONG,
      async ({ page }) => {
        const script = await scriptedStatus(page);
        await page.goto("/status");
        await expect(headline(page)).toHaveText("Fresh");
        for (const name of ["Rebuild time", "Operations"]) await table(page, name);
        // axe waits for its own timers.
        await page.clock.resume();
        await expectNoAxeFinding(page);
        script.tell({ ageMs: 30_000 });
        await page.clock.runFor(STATUS_POLL_INTERVAL_MS);
        await expect(headline(page)).toHaveText("Late");
        await expectNoAxeFinding(page);
        const overflow = await page.evaluate(
          () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
        );
        expect(overflow).toBe(0);
      },
    );
  });
}
