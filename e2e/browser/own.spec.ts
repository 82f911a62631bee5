/** Taking one's own message down, and reporting another's. */
import { OWN_REMOVAL_MS } from "../../schema/limits";
import { expectNoAxeFinding } from "../axe";
import { expect, LONG, test } from "../fixtures";
import {
  act,
  action,
  COMMENTS,
  expectSent,
  message,
  nextPoll,
  open,
  pointAt,
  send,
  unique,
} from "../page";

const ADMIN_TOKEN = process.env.ADMIN_TOKEN ?? "";
const ADMIN = { Authorization: `Bearer ${ADMIN_TOKEN}` };
const BOT = { Authorization: `Bearer ${process.env.BOT_TOKEN}` };

test.use({ extraHTTPHeaders: {} });
test.use({ expectedConsole: [/Failed to load resource.*(403|404|429)/] });

test(
  "an author takes a message down: it disappears here and on other pages, and stays gone",
  LONG,
  async ({ page, openVisitor }) => {
    await open(page);
    const text = unique("a slip");
    await send(page, text);
    await expectSent(page, text);
    const other = await openVisitor();
    await other.clock.install();
    await open(other);
    await expectSent(other, text);
    await pointAt(other, text);
    await expect(action(other, text, "Take down")).toHaveCount(0);
    await act(page, text, "Take down");
    const dialog = page.getByRole("dialog", { name: "Take this message down?" });
    await expect(dialog).toContainText(text);
    await expectNoAxeFinding(page);
    await dialog.getByRole("button", { name: "Take down permanently" }).click();
    await expect(message(page, text)).toHaveCount(0);
    await expect(dialog).toHaveCount(0);
    await expect(page.getByRole("main")).toBeFocused();
    await expect(page.getByRole("status").filter({ hasText: "Message taken down" })).toBeAttached();
    await nextPoll(other);
    await expect(message(other, text)).toHaveCount(0);
    await open(page);
    await expect(message(page, text)).toHaveCount(0);
  },
);

test(
  "after a reload a message can still be taken down, and closing the dialog keeps it",
  LONG,
  async ({ page }) => {
    await open(page);
    const text = unique("reload first");
    await send(page, text);
    await expectSent(page, text);
    await page.reload();
    await expectSent(page, text);
    await act(page, text, "Take down");
    await page.keyboard.press("Escape");
    await expectSent(page, text);
    await act(page, text, "Take down");
    await page.getByRole("button", { name: "Take down permanently" }).click();
    await expect(message(page, text)).toHaveCount(0);
  },
);

test("a refusal is shown in the dialog, and the message stays", LONG, async ({ page }) => {
  await open(page);
  const text = unique("refused");
  await send(page, text);
  await expectSent(page, text);
  const detail = "A message can be taken down for 10 minutes only.";
  await page.route(`**${COMMENTS}/*`, (route) =>
    route.fulfill({
      status: 403,
      contentType: "application/problem+json",
      json: { status: 403, code: "forbidden", detail },
    }),
  );
  await act(page, text, "Take down");
  await page.getByRole("button", { name: "Take down permanently" }).click();
  await expect(page.getByRole("alert").filter({ hasText: detail })).toBeVisible();
  await page.keyboard.press("Escape");
  await expectSent(page, text);
});

test(
  "after 10 minutes the page offers a report in place of taking down",
  LONG,
  async ({ page }) => {
    await page.clock.install();
    await open(page);
    const text = unique("too late");
    await send(page, text);
    await expectSent(page, text);
    await pointAt(page, text);
    await expect(action(page, text, "Take down")).toBeVisible();
    await page.clock.fastForward(OWN_REMOVAL_MS);
    await expect(action(page, text, "Take down")).toHaveCount(0);
    await expect(action(page, text, "Report")).toBeVisible();
  },
);

test(
  "no answer of the wall shows the hash that a message was sent with",
  LONG,
  async ({ page }) => {
    const posted = page.waitForRequest((request) => request.method() === "POST");
    await page.routeWebSocket("**/api/live*", (socket) => socket.close());
    await open(page);
    await send(page, unique("hashed"));
    const { secretHash } = (await posted).postDataJSON();
    expect(secretHash).toMatch(/^[A-Za-z0-9_-]{43}$/);
    expect(await (await page.request.get(COMMENTS)).text()).not.toContain("secretHash");
  },
);

test("a reader reports a message with a reason", LONG, async ({ page }) => {
  const text = unique("rude");
  const posted = await page.request.post(COMMENTS, { data: { text }, headers: BOT });
  const { id } = await posted.json();
  await open(page);
  await expectSent(page, text);
  const sent = page.waitForRequest(`**${COMMENTS}/${id}/report`);
  await act(page, text, "Report");
  const dialog = page.getByRole("dialog");
  await expect(dialog).toContainText(text);
  await dialog.getByRole("textbox").fill("an insult");
  await dialog.getByRole("textbox").press("Enter");
  await expect(page.getByRole("dialog", { name: "Message reported" })).toBeVisible();
  expect((await sent).postDataJSON()).toEqual({ reason: "an insult" });
  await expectNoAxeFinding(page);
});

test("the reason of a report can be typed at once", LONG, async ({ page }) => {
  const text = unique("rude");
  await page.request.post(COMMENTS, { data: { text }, headers: BOT });
  await open(page);
  await expectSent(page, text);
  await act(page, text, "Report");
  const dialog = page.getByRole("dialog");
  await expect(dialog.getByRole("textbox")).toBeFocused();
  await page.keyboard.type("an insult");
  await expect(dialog.getByRole("textbox")).toHaveValue("an insult");
});

test("too many reports are told in the dialog", LONG, async ({ page }) => {
  const text = unique("reported often");
  await page.request.post(COMMENTS, { data: { text }, headers: BOT });
  await page.route("**/report", (route) =>
    route.fulfill({
      status: 429,
      contentType: "application/problem+json",
      json: { status: 429, code: "rate_limited", detail: "Too many reports from your address." },
    }),
  );
  await open(page);
  await expectSent(page, text);
  await act(page, text, "Report");
  await page.getByRole("dialog").getByRole("button", { name: "Report" }).click();
  await expect(page.getByText("Too many reports from your address.")).toBeVisible();
});

test(
  "an admin sees a reported message with its reasons and neighbours, dismisses it or removes it",
  LONG,
  async ({ page }) => {
    const [before, text] = [unique("said before"), unique("reported")];
    await page.request.post(COMMENTS, { data: { text: before }, headers: BOT });
    const posted = await page.request.post(COMMENTS, {
      data: { text, username: "troll" },
      headers: BOT,
    });
    const { id } = await posted.json();
    const report = () =>
      page.request.post(`${COMMENTS}/${id}/report`, {
        data: { reason: "an insult" },
        headers: ADMIN,
      });
    expect((await report()).status()).toBe(204);
    await page.goto("/admin");
    await page.getByLabel("Admin token").fill(ADMIN_TOKEN);
    await page.getByLabel("Admin token").press("Enter");
    const reported = page
      .getByRole("region", { name: "Reported" })
      .getByRole("article")
      .filter({ has: page.locator("[aria-current]", { hasText: text }) });
    await expect(reported).toContainText("1 report of a message by troll");
    await expect(reported).toContainText("an insult");
    await expect(reported).toContainText(before);
    await expectNoAxeFinding(page);
    await reported.getByRole("button", { name: "Dismiss" }).click();
    await expect(reported).toHaveCount(0);
    await expect(page.getByText("Dismissed the reports of a message by troll.")).toBeFocused();
    await expect(page.getByText(`Dismissed reports of ${id}`)).toBeVisible();
    await report();
    await page.reload();
    await reported.getByRole("button", { name: "Remove" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Remove", exact: true }).click();
    await expect(reported).toHaveCount(0);
    const list = await page.request.get("/api/admin/reports", { headers: ADMIN });
    expect(JSON.stringify(await list.json())).not.toContain(id);
  },
);
