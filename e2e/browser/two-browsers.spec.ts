/** Two people with two browsers on one wall. */
import type { Page } from "@playwright/test";
import { PAGE_POLL_INTERVAL_MS } from "#schema/limits";
import { expect, LONG, test } from "../fixtures";
import { COMMENTS, expectSent, log, message, open, send, unique } from "../page";

/** Limit from acknowledgement to the other screen: a poll, and a second for everything else. */
const SHOWN_WITHIN_MS = PAGE_POLL_INTERVAL_MS + 1_000;

/** Writes and sends a message; resolves to the time when the page shows it as sent. */
async function say(page: Page, text: string): Promise<number> {
  await send(page, text);
  await expectSent(page, text);
  return Date.now();
}

async function expectShownInTime(page: Page, text: string, acknowledgedAt: number) {
  await expect(message(page, text)).toBeVisible();
  expect(Date.now() - acknowledgedAt).toBeLessThanOrEqual(SHOWN_WITHIN_MS);
}

test("a message appears in the other browser within a poll and a second, both ways, with name and colour", async ({
  page,
  openVisitor,
}) => {
  const other = await openVisitor();
  await Promise.all([open(page), open(other)]);
  const name = unique("ada").slice(-16).trim();
  await page.getByLabel("Your name").fill(name);
  await page.getByRole("button", { name: "Your colour" }).click();
  await page.getByRole("radio", { name: "olive" }).click();
  await expect(page.getByRole("radio")).toHaveCount(0);

  const hello = unique("hello from one");
  await expectShownInTime(other, hello, await say(page, hello));
  await expect(message(other, hello)).toContainText(name);
  const answer = unique("hello from the other");
  await expectShownInTime(page, answer, await say(other, answer));

  const { comments } = await (await page.request.get(COMMENTS)).json();
  const mine = comments.find((comment: { text: string }) => comment.text === hello);
  expect(mine).toMatchObject({ username: name, color: "#c9c63b" });
  for (const reader of [page, other]) {
    await reader.reload();
    await expect(message(reader, hello)).toBeVisible();
    await expect(message(reader, answer)).toBeVisible();
  }
  await expect(page.getByLabel("Your name")).toHaveValue(name);
});

test(
  "markup in messages and names is shown as text in both browsers",
  LONG,
  async ({ page, openVisitor }) => {
    await open(page);
    const text = unique(
      `<script>window.pwned = 1</script><img src=x onerror="window.pwned = 1"> & &lt;`,
    );
    await page.getByLabel("Your name").fill("<b>bold</b>");
    await send(page, text);
    await expectSent(page, text);
    const other = await openVisitor();
    await open(other);
    for (const reader of [page, other]) {
      await expect(message(reader, text)).toBeVisible();
      await expect(log(reader).getByText("<b>bold</b>").last()).toBeVisible();
      await expect(log(reader).locator("b, img, script")).toHaveCount(0);
      expect(await reader.evaluate(() => "pwned" in window)).toBe(false);
    }
  },
);
