/** The status page: whether the wall is fresh, how its hour was, what it costs; and the badge. */
import type { Page } from "@playwright/test";
import { STATUS_POLL_INTERVAL_MS } from "../schema/limits";
import { expectNoAxeFinding } from "./axe";
import { expect, LONG, test } from "./fixtures";
import { box, NETWORK_ERROR } from "./page";
import { scriptedStatus } from "./scripted-status";
import { setVisibility } from "./visibility";

const PHONE = { width: 360, height: 740 };

const verdict = (page: Page) => page.getByTestId("verdict");
const headline = (page: Page) => verdict(page).getByRole("status");
const panel = (page: Page, name: string) => page.getByRole("figure", { name });

/** The rows behind a plot, newest first. */
async function table(page: Page, name: string): Promise<string[]> {
  const summary = panel(page, name).getByText("As a table");
  const rows = panel(page, name).locator("tbody tr");
  if ((await rows.count()) === 0) await summary.click();
  await expect(rows.first()).toBeVisible();
  return rows.allInnerTexts();
}

const drawing = (page: Page, name: string) =>
  panel(page, name).locator("path.plot-bars").first().getAttribute("d");

test("a wall that is well is fresh, since when, and what the hour held", async ({ page }) => {
  await scriptedStatus(page, 45);
  await page.goto("/status");
  await expect(headline(page)).toHaveText("Fresh");
  await expect(verdict(page)).toContainText(/For at least 45 min, since \d/);
  await expect(verdict(page)).toHaveAttribute("data-tone", "calm");
  for (const name of ["Cache age", "Rebuild time", "Messages", "Operations"])
    expect(await table(page, name)).toHaveLength(45);
  await expect(page.getByRole("heading", { name: "A month at this pace" })).toBeVisible();
  await expect(page.getByText("$18.40")).toBeVisible();
  await expect(page.getByText("used up by 00:50 UTC")).toBeVisible();
});

test("the plots move on with each minute", async ({ page }) => {
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

test("in the first minutes it promises no bill", async ({ page }) => {
  await scriptedStatus(page, 4);
  await page.goto("/status");
  await expect(page.getByText(/Told once 10 minutes were counted; so far it is 4\./)).toBeVisible();
  await expect(page.getByRole("table")).toHaveCount(0);
});

test("a hidden tab does not ask, and does so at once when it is shown again", async ({ page }) => {
  const script = await scriptedStatus(page);
  await page.goto("/status");
  await expect(headline(page)).toHaveText("Fresh");
  await setVisibility(page, "hidden");
  const before = script.asked;
  await page.clock.runFor(10 * STATUS_POLL_INTERVAL_MS);
  // By the time this one is answered, a question would have been seen.
  expect(await page.evaluate(async () => (await fetch("/favicon.svg")).ok)).toBe(true);
  expect(script.asked).toBe(before);
  await setVisibility(page, "visible");
  // SWR waits for the next frame.
  await page.clock.runFor(100);
  await expect.poll(() => script.asked).toBe(before + 1);
});

test.describe("when the wall is not well", () => {
  test.use({ expectedConsole: [NETWORK_ERROR] });

  test("it says that it is late, or away, or out of reach, and recovers by itself", async ({
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
    await told({ ...old, ...away, ageMs: 65_000 }, "Rebuilder away");
    // What was known of the hour is still there.
    expect(await table(page, "Messages")).toHaveLength(45);
    await told(null, "Out of reach");
    await told({}, "Fresh");
  });

  test(
    "a wall whose Worker is stopped and goes on: out of reach, then fresh",
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
        await expect(headline(page)).toHaveText("Out of reach", { timeout: 40_000 });
      } finally {
        process.kill(-worker, "SIGCONT");
      }
      await expect(headline(page)).toHaveText("Fresh", { timeout: 40_000 });
    },
  );
});

test("the help leads there, and it leads back", async ({ page }) => {
  await page.goto("/");
  await page.getByRole("button", { name: "Help and settings" }).click();
  await page.getByRole("link", { name: "How the wall is doing" }).click();
  await expect(headline(page)).toHaveText("Fresh");
  await page.getByRole("link", { name: "To the wall" }).last().click();
  await expect(box(page)).toBeVisible();
});

test("the badge is a picture that any page may show for some seconds", async ({ request }) => {
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

    test("axe finds nothing on the status page, and it fits a phone", async ({ page }) => {
      const script = await scriptedStatus(page);
      await page.goto("/status");
      await expect(headline(page)).toHaveText("Fresh");
      for (const name of ["Rebuild time", "Operations"]) await table(page, name);
      // axe waits for timers of its own.
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
    });
  });
}
