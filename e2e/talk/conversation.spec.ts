/** A person and a bot on the real wall. */
import { expect, test } from "../fixtures";
import { box, COMMENTS, expectSent, message, open, rows, send } from "../page";

test("a person writes to a bot, sees that it is answering, and reads its answer", async ({
  page,
  request,
}) => {
  const name = `bot ${crypto.randomUUID().slice(0, 8)}`;
  const pending = async () => {
    const address = `${COMMENTS}?pending=1&entity=${encodeURIComponent(name)}&addressed=1`;
    return (await (await request.get(address)).json()).comments;
  };
  // Reading its messages makes it present.
  expect(await pending()).toEqual([]);
  await open(page, `/?to=${encodeURIComponent(name)}`);
  await expect(page.getByRole("button", { name: /^Write to a bot/ })).toHaveAccessibleName(
    new RegExp(name),
  );
  await expect(page.locator(".addressee-chip")).toContainText(`to ${name}`);
  await expect(page.getByText("is away")).toHaveCount(0);
  const text = `to ${name}`;
  await send(page, text);
  await expectSent(page, text);
  await expect.poll(pending).toHaveLength(1);
  const [{ id }] = await pending();

  const claim = { bot: `${name}-1`, seconds: 60, name };
  expect((await request.post(`${COMMENTS}/${id}/claim`, { data: claim })).status()).toBe(200);
  await expect(message(page, text).locator(".answering")).toHaveText(`${name} is answering…`);
  const answer = { text: "**yes**", username: name, type: "bot", replyTo: id };
  expect((await request.post(COMMENTS, { data: answer })).status()).toBe(201);
  const row = rows(page)
    .filter({ has: page.locator("strong", { hasText: "yes" }) })
    .last();
  await expect(row).toHaveAttribute("data-type", "bot");
  await expect(row).toContainText(name);
  await expect(page.locator(".answering")).toHaveCount(0);
  await expect(box(page)).toHaveValue("");
});
