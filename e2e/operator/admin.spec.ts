/** Moderation over HTTP and on the admin page: removal, pause and the audit log. */
import type { Page } from "@playwright/test";
import { expectNoAxeFinding } from "../axe";
import { eventually, expect, LONG, test } from "../fixtures";
import { COMMENTS, nextPoll, unique } from "../page";

const ADMIN_TOKEN = process.env.ADMIN_TOKEN ?? "";
const ADMIN = { Authorization: `Bearer ${ADMIN_TOKEN}` };
const BOT = { Authorization: `Bearer ${process.env.BOT_TOKEN}` };
/** A paused wall's Retry-After plus the largest jitter of the page. */
const RETRY_MS = 10_000 + 30_000;
const PHONE = { width: 360, height: 740 };

/** Not a neighbour of a reported message. */
const row = (page: Page, text: string) =>
  page.getByRole("region", { name: "Messages" }).getByRole("listitem").filter({ hasText: text });

async function signIn(page: Page) {
  await page.goto("/admin");
  await page.getByLabel("Admin token").fill(ADMIN_TOKEN);
  await page.getByLabel("Admin token").press("Enter");
  await expect(page.getByText("Posting is open.")).toBeVisible();
}

// No token by default; tests that need one send it.
test.use({ extraHTTPHeaders: {} });
test.use({ expectedConsole: [/Failed to load resource.*(401|503)/] });

test("DELETE returns 204, also when repeated; then the comment is gone; other tokens are rejected", async ({
  request,
}) => {
  const { id } = await (
    await request.post(COMMENTS, { data: { text: "take me down" }, headers: BOT })
  ).json();
  const address = `${COMMENTS}/${id}`;
  expect((await request.delete(address)).status()).toBe(401);
  expect((await request.delete(address, { headers: BOT })).status()).toBe(403);
  const wrong = await request.delete(address, { headers: ADMIN, data: { why: "spam" } });
  expect(wrong.status()).toBe(400);
  const removed = await request.delete(address, { headers: ADMIN, data: { reason: "spam" } });
  expect([removed.status(), await removed.text()]).toEqual([204, ""]);
  expect((await request.delete(address, { headers: ADMIN })).status()).toBe(204);
  expect((await request.get(address)).status()).toBe(404);
  const { paused, audit } = await (await request.get("/api/admin", { headers: ADMIN })).json();
  expect(paused).toBe(false);
  expect(audit[0]).toMatchObject({ deed: "remove", target: id, reason: "spam" });
});

test(
  "a message removed on /admin disappears from an open wall within one poll",
  LONG,
  async ({ page, openVisitor, request }) => {
    const text = unique("rude");
    await request.post(COMMENTS, { data: { text, username: "troll" }, headers: BOT });
    const wall = await openVisitor();
    await wall.clock.install();
    await wall.goto("/");
    await expect(wall.getByText(text)).toBeVisible();
    await signIn(page);
    expect(page.url()).not.toContain(ADMIN_TOKEN);
    await page.getByRole("searchbox").fill(text);
    await row(page, text).getByRole("button", { name: "Remove" }).click();
    const dialog = page.getByRole("dialog");
    await expect(dialog).toContainText(text);
    await dialog.getByRole("textbox").fill("rude words");
    await dialog.getByRole("textbox").press("Enter");
    await expect(row(page, text)).toHaveCount(0);
    await expect(page.getByText("Removed a message by troll.")).toBeFocused();
    await expect(page.getByText("rude words")).toBeVisible();
    await nextPoll(wall);
    await expect(wall.getByText(text)).toHaveCount(0);
  },
);

test(
  "a removal with its bot's reply is undone from the log of actions, and both come back on an open wall",
  LONG,
  async ({ page, openVisitor, request }) => {
    const text = unique("regretted");
    const answer = unique("an answer to it");
    const posted = await request.post(COMMENTS, {
      data: { text, username: "troll" },
      headers: BOT,
    });
    const { id } = await posted.json();
    const reply = { text: answer, type: "bot", replyTo: id };
    expect((await request.post(COMMENTS, { data: reply, headers: BOT })).status()).toBe(201);
    const wall = await openVisitor();
    await wall.clock.install();
    await wall.goto("/");
    await expect(wall.getByText(text).first()).toBeVisible();
    await signIn(page);
    await row(page, text).first().getByRole("button", { name: "Remove" }).click();
    const dialog = page.getByRole("dialog");
    await expect(dialog.getByRole("checkbox", { name: "1 reply by a bot" })).toBeChecked();
    await expectNoAxeFinding(page);
    await dialog.getByRole("button", { name: "Remove", exact: true }).click();
    await expect(row(page, text)).toHaveCount(0);
    await nextPoll(wall);
    await expect(wall.getByText(text)).toHaveCount(0);
    await expect(wall.getByText(answer)).toHaveCount(0);

    const removal = page.getByRole("listitem").filter({ hasText: `Removed ${id}` });
    await expect(removal).toContainText("10 min left");
    await expectNoAxeFinding(page);
    await removal.getByRole("button", { name: "Undo (2 messages)" }).click();
    await expect(page.getByText("Brought back 2 messages.")).toBeFocused();
    await expect(removal.getByRole("button")).toHaveCount(0);
    await expect(page.getByText(`Undid the removal of ${id}`)).toBeVisible();
    await expect(row(page, answer)).toBeVisible();
    await nextPoll(wall);
    await expect(wall.getByText(answer)).toBeVisible();
    await expect(wall.getByText(text).first()).toBeVisible();
  },
);

test("a sender is blocked for a day, listed, and let in again", async ({ page, request }) => {
  // All tests post from one address, so a real block would refuse their messages.
  const text = unique("blocked");
  await request.post(COMMENTS, { data: { text, username: "troll" }, headers: BOT });
  await showSender(page);
  const sender = "20000.0123456789012345678901";
  let isBlocked = false;
  await page.route("**/api/admin/blocks", async (route) => {
    expect(route.request().postDataJSON()).toMatchObject({ hours: 24, reason: "a flood" });
    isBlocked = true;
    await route.fulfill({ json: {} });
  });
  await page.route("**/api/admin/blocks/7", async (route) => {
    expect(route.request().method()).toBe("DELETE");
    isBlocked = false;
    await route.fulfill({ status: 204 });
  });
  await page.route("**/api/admin", (route) => {
    const blocks = [{ id: 7, sender, since: Date.now(), until: Date.now() + 86_400_000 }];
    return route.fulfill({ json: { paused: false, audit: [], ...(isBlocked && { blocks }) } });
  });
  await signIn(page);
  await row(page, text).getByRole("button", { name: "Block" }).click();
  const dialog = page.getByRole("dialog");
  await expect(dialog).toContainText("under 2 names: ada, ben.");
  await dialog.getByRole("radio", { name: "For a day" }).check();
  await dialog.getByRole("textbox").fill("a flood");
  await expectNoAxeFinding(page);
  await dialog.getByRole("button", { name: "Block for a day" }).click();
  await expect(page.getByText("Blocked the sender of a message by troll.")).toBeFocused();
  const blocks = page.getByRole("region", { name: "Blocked senders" });
  await expect(blocks).toContainText(sender);
  await blocks.getByRole("button", { name: "End block" }).click();
  await expect(blocks).toHaveCount(0);
});

test("the search leaves only the messages with its words", async ({ page, request }) => {
  const [wanted, other] = [unique("an aquarium"), unique("a terrarium")];
  for (const text of [wanted, other])
    await request.post(COMMENTS, { data: { text, username: "mira" }, headers: BOT });
  await signIn(page);
  await expect(row(page, other)).toBeVisible();
  await page.getByPlaceholder("Search words or names").fill(`MIRA ${wanted}`);
  await expect(row(page, other)).toHaveCount(0);
  await expect(row(page, wanted)).toBeVisible();
  await expect(page.getByText(/^1 of \d+ loaded$/)).toBeVisible();
});

/** A sender that the wall knows: tests with a token have none. */
async function showSender(page: Page) {
  const sender = {
    messages: 7,
    isAll: true,
    replies: 0,
    nameCount: 2,
    names: ["ada", "ben"],
    newest: [],
  };
  await page.route("**/api/admin/removals/*", (route) =>
    route.fulfill({ json: { replies: 0, sender } }),
  );
}

test("all messages of a sender can be removed together, after their number and names were shown", async ({
  page,
}) => {
  // All tests post from one address, so a real removal would delete messages of other tests.
  await page.route("**/api/admin/removals", async (route) => {
    expect(route.request().postDataJSON()).toMatchObject({ sentLike: expect.any(String) });
    await route.fulfill({ json: { removed: 7 } });
  });
  await showSender(page);
  const text = unique("flood");
  await page.request.post(COMMENTS, { data: { text }, headers: BOT });
  await signIn(page);
  await row(page, text).getByRole("button", { name: "Remove" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("checkbox", { name: /everything else.*\(7 messages\)/ }).check();
  await expect(dialog).toContainText("under 2 names: ada, ben.");
  await dialog.getByRole("button", { name: "Remove 7 messages" }).click();
  await expect(page.getByText("Messages removed from this sender: 7.")).toBeFocused();
});

test(
  "a long removal shows its progress and continues in the background",
  LONG,
  async ({ page }) => {
    const removing = [{ sender: "20000.0123456789012345678901", removed: 2_300 }];
    await page.route("**/api/admin/removals", (route) =>
      route.fulfill({ json: { removed: 2_100, done: false } }),
    );
    await showSender(page);
    const text = unique("long flood");
    await page.request.post(COMMENTS, { data: { text }, headers: BOT });
    await signIn(page);
    let isRemoving = true;
    await page.route("**/api/admin", (route) =>
      route.fulfill({ json: { paused: false, audit: [], ...(isRemoving && { removing }) } }),
    );
    await row(page, text).getByRole("button", { name: "Remove" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByRole("checkbox", { name: /everything else.*\(7 messages\)/ }).check();
    await dialog.getByRole("button", { name: "Remove 7 messages" }).click();
    await expect(page.getByText(/removed from this sender so far: 2100\./)).toBeFocused();
    await expect(page.getByText("Removing one sender's messages: 2300 so far.")).toBeVisible();
    isRemoving = false;
    await expect(page.getByText("Removing one sender's messages")).toHaveCount(0);
  },
);

test("the token is kept for the session, and a wrong one is rejected with an explanation", async ({
  page,
}) => {
  await page.goto("/admin");
  const field = await page.getByLabel("Admin token").boundingBox();
  // One line of text.
  expect(field?.height).toBeLessThan(60);
  await page.getByLabel("Admin token").fill("not the token at all, really");
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page.getByText("Wrong admin token.")).toBeVisible();
  await signIn(page);
  await page.reload();
  await expect(page.getByText("Posting is open.")).toBeVisible();
  expect(await page.evaluate(() => JSON.stringify(localStorage))).not.toContain(ADMIN_TOKEN);
  await page.getByRole("button", { name: "Sign out" }).click();
  await page.reload();
  await expect(page.getByLabel("Admin token")).toBeVisible();
});

test("signing out ends the desk in all tabs of the browser, and in a page that comes back", async ({
  page,
  context,
}) => {
  await signIn(page);
  const headers = (await page.request.get("/admin")).headers();
  expect(headers["cache-control"]).toContain("no-store");
  // A tab that the desk opened has a copy of its session storage.
  const opening = context.waitForEvent("page");
  await page.evaluate(() => void window.open("/admin"));
  const other = await opening;
  await expect(other.getByText("Posting is open.")).toBeVisible();
  await other.getByRole("button", { name: "Sign out" }).click();
  for (const tab of [page, other]) {
    await expect(tab.getByLabel("Admin token")).toBeVisible();
    expect(await tab.evaluate(() => sessionStorage.length)).toBe(0);
  }

  await signIn(page);
  await page.evaluate(() => {
    sessionStorage.clear();
    dispatchEvent(new PageTransitionEvent("pageshow", { persisted: true }));
  });
  await expect(page.getByLabel("Admin token")).toBeVisible();
});

test("a desk whose token is gone sends nothing", async ({ page }) => {
  await signIn(page);
  const asked: string[] = [];
  page.on("request", (request) => {
    if (request.url().includes("/api/admin")) asked.push(request.method());
  });
  await page.evaluate(() => sessionStorage.clear());
  asked.length = 0;
  await page.getByRole("button", { name: "Pause posting" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Pause", exact: true }).click();
  await expect(page.getByText("Wrong admin token.")).toBeVisible();
  expect(asked).toEqual([]);
});

test(
  "while posting is paused, a message waits, shows why, and is sent automatically afterwards",
  LONG,
  async ({ page, openVisitor }) => {
    const text = unique("patience");
    await signIn(page);
    const wall = await openVisitor();
    await wall.clock.install();
    await wall.goto("/");
    await page.getByRole("button", { name: "Pause posting" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Pause", exact: true }).click();
    await expect(page.getByText("Posting is paused.")).toBeVisible();
    try {
      await expect(async () => {
        const refused = await page.request.post(COMMENTS, { data: { text: "no" }, headers: BOT });
        expect(refused.status()).toBe(503);
        expect(refused.headers()["retry-after"]).toBe("10");
        expect((await refused.json()).code).toBe("posting_paused");
      }).toPass();
      const box = wall.getByRole("textbox", { name: "Message", exact: true });
      await box.fill(text);
      await box.press("Enter");
      await expect(wall.getByText(/Posting is paused\. Retrying in/)).toBeVisible();
    } finally {
      await page.request.put("/api/admin/pause", { headers: ADMIN, data: { paused: false } });
    }
    // The Worker may cache the pause for some seconds and reject the message again.
    await expect(async () => {
      await wall.clock.fastForward(RETRY_MS);
      const sent = wall.locator("[data-state=sent]").filter({ hasText: text });
      await expect(sent).toBeVisible({ timeout: 1_000 });
    }).toPass();
  },
);

test("the admin page is hidden from search engines, and the wall doesn't link to it", async ({
  page,
}) => {
  await page.goto("/");
  await expect(page.locator('a[href*="admin"]')).toHaveCount(0);
  await page.goto("/admin");
  await expect(page.locator('meta[name="robots"]')).toHaveAttribute("content", /noindex/);
});

test("on a wide screen the audit log stands beside the messages", async ({ page, request }) => {
  const text = unique("beside the log");
  const posted = await request.post(COMMENTS, { data: { text }, headers: BOT });
  // Above the messages, but not above the log.
  const { id } = await posted.json();
  const report = await request.post(`${COMMENTS}/${id}/report`, { data: {}, headers: ADMIN });
  expect(report.status()).toBe(204);
  await page.setViewportSize({ width: 1440, height: 900 });
  await signIn(page);
  await expect(row(page, text)).toBeVisible();
  // The lists load one after the other, and move what is below them.
  await eventually(async () => {
    const reported = await page.getByRole("heading", { name: "Reported" }).boundingBox();
    const message = await row(page, text).boundingBox();
    const title = await page.getByRole("heading", { name: "Audit log" }).boundingBox();
    expect(title?.x).toBeGreaterThan((message?.x ?? 0) + (message?.width ?? 0));
    expect(title?.y).toBeLessThan((reported?.y ?? 0) + 40);
  });
});

for (const colorScheme of ["dark", "light"] as const) {
  test.describe(colorScheme, () => {
    test.use({ colorScheme, viewport: PHONE });

    test(
      "axe finds no problems on the admin page, and it fits a phone",
      LONG,
      async ({ page, request }) => {
        const text = unique("https://example.com/a-rather-long-address/that-must-wrap");
        await request.post(COMMENTS, { data: { text, username: "mira" }, headers: BOT });
        await page.goto("/admin");
        await expect(page.getByLabel("Admin token")).toBeVisible();
        await expectNoAxeFinding(page);
        await signIn(page);
        // The link is shown without its scheme.
        const shown = text.replace("https://", "");
        await expect(row(page, shown)).toBeVisible();
        await expectNoAxeFinding(page);
        await row(page, shown).getByRole("button", { name: "Remove" }).click();
        await expect(page.getByRole("dialog")).toBeVisible();
        await expectNoAxeFinding(page);
        const overflow = await page.evaluate(
          () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
        );
        expect(overflow).toBe(0);
      },
    );
  });
}
