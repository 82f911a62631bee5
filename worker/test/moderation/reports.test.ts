/** People report messages; admins see them by their reports, with what was said around them. */
import { createHash } from "node:crypto";
import { expect, test, vi } from "vitest";
import { makeId } from "#schema/id";
import {
  REPORT_LIFETIME_MS,
  REPORTED_MAX,
  REPORTERS_MAX,
  REPORTS_PER_PERIOD,
} from "#schema/limits";
import { Operations } from "#worker/platform/operations";
import { Reports } from "#worker/writer/moderation/reports";
import { allowed } from "../allowed";
import { ADMIN, BOT, newWall, onKv, somebody, suffix, type Wall } from "../wall";

const SETTLED = { timeout: 10_000, interval: 100 };

/** The reports in the object's storage, as one text. */
const storedReports = (wall: Wall) =>
  wall.inObject((_object, { storage }) =>
    JSON.stringify(storage.sql.exec("SELECT * FROM reports").toArray()),
  );

const reportsIn = <T>(wall: Wall, work: (reports: Reports) => T) =>
  wall.inObject((_object, { storage }) => work(new Reports(storage, new Operations())));

test("admins see a reported message with its count, its reasons and its neighbours", async () => {
  const wall = newWall();
  const texts = ["one", "two", "rude", "four", "five", "six"];
  const ids: string[] = [];
  for (const text of texts) ids.push((await wall.post({ text })).id);
  const rude = ids[2] as string;
  await vi.waitFor(async () => expect(await wall.newest()).toHaveLength(texts.length), SETTLED);
  const reason = "  an insult\u200b ";
  expect(await wall.report(rude, { reason })).toEqual({ ok: true, value: null });
  expect(await wall.report(rude, {})).toMatchObject({ ok: true });
  expect(await wall.report(ids[4] as string)).toMatchObject({ ok: true });
  const reported = await wall.reported();
  expect(reported.map(({ comment, count, reasons }) => [comment.text, count, reasons])).toEqual([
    ["rude", 2, ["an insult"]],
    ["five", 1, []],
  ]);
  const newestFirst = ids.toSorted().reverse();
  expect(reported[0]?.around.map(({ id }) => id)).toEqual(newestFirst.slice(1, 6));
  expect(reported[1]?.around.map(({ id }) => id)).toEqual(newestFirst.slice(0, 4));
  await wall.evict();
  expect(await wall.reported()).toEqual(reported);
});

test("a network counts once for a message, whatever it says and however its address is written", async () => {
  const wall = newWall();
  const { id } = await wall.post({ text: "reported twice" });
  const other = await wall.post({ text: "another" });
  await wall.report(id, { reason: "first" }, { address: "2001:db8:aaaa:1::1" });
  await wall.report(id, { reason: "second" }, { address: "2001:DB8:AAAA:1:2::3" });
  await wall.evict();
  await wall.report(id, { reason: "third" }, { address: "2001:db8:aaaa:1::9" });
  await wall.report(other.id, {}, { address: "2001:db8:aaaa:1::1" });
  expect(await wall.reported()).toMatchObject([
    { count: 1, around: expect.any(Array) },
    { count: 1 },
  ]);
  expect((await wall.reported()).flatMap(({ reasons }) => reasons)).toEqual(["first"]);
});

test("a repeated report writes no row", async () => {
  const wall = newWall();
  const { id } = await wall.post({ text: "one" });
  await wall.inObject((_object, { storage }) => {
    const operations = new Operations();
    const reports = new Reports(storage, operations);
    reports.add(id, "192.0.2.1", undefined, 1);
    const before = operations.of("row_written");
    reports.add(id, "192.0.2.1", "again", 2);
    expect(operations.of("row_written")).toBe(before);
    reports.add(id, "192.0.2.2", "another", 3);
    expect(operations.of("row_written")).toBe(before + 1);
  });
});

test("no address is stored, and one network's reports of two messages have nothing in common", async () => {
  const wall = newWall();
  const address = "203.0.113.77";
  const { id } = await wall.post({ text: "one" });
  const other = await wall.post({ text: "two" });
  await wall.report(id, {}, { address });
  await wall.report(other.id, {}, { address });
  const rows: { body: string }[] = JSON.parse(await storedReports(wall));
  expect(JSON.stringify(rows)).not.toContain(address);
  const [[first], [second]] = rows.map(({ body }) => JSON.parse(body).reporters);
  expect(first).toMatch(/^[A-Za-z0-9_-]{22}$/);
  expect(second).not.toBe(first);
});

test("the number of messages, of reports for each and their lifetime are bounded", async () => {
  const wall = newWall();
  await wall.newest();
  const idOf = (n: number) => makeId(1_700_000_000_000 + n, suffix(n));
  await reportsIn(wall, (reports) => {
    for (let n = 0; n < REPORTERS_MAX + 5; n += 1)
      reports.add(idOf(0), `192.0.2.${n}`, `reason ${n}`, 1_000);
    for (let n = 1; n < REPORTED_MAX + 10; n += 1) reports.add(idOf(n), "192.0.2.1", "", 1_000 + n);
    const all = reports.list();
    expect(all).toHaveLength(REPORTED_MAX);
    expect(all[0]).toMatchObject({ id: idOf(0), count: REPORTERS_MAX });
    expect(all[0]?.reasons.length).toBeLessThan(REPORTERS_MAX);
    expect(JSON.stringify(all[0]).length).toBeLessThan(10_000);
    // The ones with the fewest reports, of these the oldest, made room.
    expect(all.some(({ id }) => id === idOf(10))).toBe(false);
    expect(all.some(({ id }) => id === idOf(11))).toBe(true);
    reports.keep(1_010 + REPORT_LIFETIME_MS);
    expect(reports.list()[0]?.id).toBe(idOf(REPORTED_MAX + 9));
  });
  const kept = await reportsIn(wall, (reports) => reports.list());
  expect(kept.map(({ id }) => id)).not.toContain(idOf(0));
  expect(JSON.parse(await storedReports(wall))).toHaveLength(kept.length);
});

test("the reports of a removed message vanish with it, by an admin, its author or with its sender", async () => {
  const wall = newWall();
  const sender = somebody();
  const byAdmin = await wall.post({ text: "by an admin" });
  const withSender = await wall.post({ text: "with its sender" }, sender);
  const secret = "the author's";
  const secretHash = createHash("sha256").update(secret).digest("base64url");
  const byAuthor = await wall.post({ text: "by its author", secretHash });
  const stays = await wall.post({ text: "stays" });
  await vi.waitFor(async () => expect(await wall.newest()).toHaveLength(4), SETTLED);
  for (const { id } of [byAdmin, byAuthor, withSender, stays])
    await wall.report(id, { reason: `because of ${id}` });
  await wall.remove(byAdmin.id);
  expect(await wall.tryRemove(byAuthor.id, { secret }, somebody())).toMatchObject({ ok: true });
  await vi.waitFor(
    async () => expect(await wall.removeSender(withSender.id)).toMatchObject({ ok: true }),
    SETTLED,
  );
  const stored = await storedReports(wall);
  for (const { id } of [byAdmin, byAuthor, withSender]) expect(stored).not.toContain(id);
  expect(await wall.reported()).toMatchObject([{ comment: { id: stays.id } }]);
  expect(await wall.report(byAdmin.id)).toMatchObject({ problem: { status: 404 } });
});

onKv("a report of a copy counts for its message, and vanishes with it", async () => {
  const wall = newWall();
  const nonce = "reported-copy-1";
  const timestamp = Date.now() - 20_000;
  const second = await wall.store({ timestamp: timestamp + 2_000, suffix: suffix(5), nonce });
  await wall.rebuildTimes(1);
  await wall.report(second.id);
  const first = await wall.store({ timestamp, suffix: suffix(5), nonce });
  await wall.rebuildTimes(1);
  await wall.report(first.id);
  expect(await wall.reported()).toMatchObject([{ count: 2, comment: { id: first.id } }]);
  await wall.remove(first.id);
  expect(JSON.parse(await storedReports(wall))).toEqual([]);
});

test("an admin dismisses reports, which the audit log names", async () => {
  const wall = newWall();
  const { id } = await wall.post({ text: "fine" });
  await wall.report(id);
  expect(await wall.dismiss(id, BOT)).toMatchObject({ problem: { status: 403 } });
  expect(await wall.dismiss(id, {})).toMatchObject({ problem: { status: 401 } });
  expect(await wall.dismiss(id)).toEqual({ ok: true, value: null });
  expect(await wall.dismiss(id)).toEqual({ ok: true, value: null });
  expect(await wall.reported()).toEqual([]);
  expect((await wall.moderation()).audit).toMatchObject([{ deed: "dismiss", target: id }]);
  await wall.report(id);
  expect(await wall.reported()).toMatchObject([{ count: 1 }]);
  expect(await wall.tryReported({})).toMatchObject({ problem: { status: 401 } });
  expect(await wall.tryReported(BOT)).toMatchObject({ problem: { status: 403 } });
});

test("a report of no message, with a wrong token or an invalid reason, is refused", async () => {
  const wall = newWall();
  const { id } = await wall.post({ text: "one" });
  expect(await wall.report(makeId(Date.now(), suffix(1)))).toMatchObject({
    problem: { status: 503 },
    retryAfterSeconds: 1,
  });
  for (const none of [makeId(Date.now() - 86_400_000, suffix(1)), "nonsense"])
    expect(await wall.report(none)).toMatchObject({ problem: { status: 404 } });
  expect(await wall.report(id, {}, { token: "wrong" })).toMatchObject({ problem: { status: 401 } });
  for (const body of [{ reason: "x".repeat(201) }, { reason: 5 }, { why: "x" }, []])
    expect(await wall.report(id, body)).toMatchObject({ problem: { status: 400 } });
  expect(await wall.reported()).toEqual([]);
});

test("an address reports 10 times a minute, and an admin without limit", async () => {
  const wall = newWall();
  const { id } = await wall.post({ text: "one" });
  const { count, client } = await allowed(somebody, (caller) => wall.report(id, {}, caller));
  expect(count).toBe(REPORTS_PER_PERIOD);
  expect(await wall.report(id, {}, { ...client, ...ADMIN })).toMatchObject({ ok: true });
  expect(await wall.tryPost({ text: "posts are counted apart" }, client)).toMatchObject({
    ok: true,
  });
});
