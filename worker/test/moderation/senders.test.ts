/** Stored sender data: enough to remove all of one sender's day, kept for a week. */
import { expect, test } from "vitest";
import { makeId } from "#schema/id";
import { SENDER_DAYS } from "#schema/limits";
import { networkOf, siteOf } from "#worker/entrypoint/address";
import { Operations } from "#worker/platform/operations";
import { Senders } from "#worker/writer/moderation/senders";
import { eventually } from "../eventually";
import { env, newWall, sendersOf, suffix, type Wall } from "../wall";

const DAY_MS = 24 * 60 * 60 * 1_000;
const ADDRESS = "192.0.2.77";

const senderOf = (wall: Wall, id: string) => sendersOf(wall, (senders) => senders.senderOf(id));
const sentBy = (wall: Wall, sender: string) =>
  sendersOf(wall, (senders) => senders.sentBy(sender).ids);

/** The notice arrives after the answer, and the alarm writes the sender. */
const known = (wall: Wall, id: string) =>
  eventually(async () => {
    await wall.rebuildTimes(1);
    const sender = await senderOf(wall, id);
    if (!sender) throw new Error(`no sender stored for ${id} yet`);
    return sender;
  });

test("all comments of one sender are found from one of them, also after an eviction", async () => {
  const wall = newWall();
  const own = [];
  for (let n = 0; n < 3; n += 1) own.push(await wall.post({ text: `${n}` }, { address: ADDRESS }));
  const other = await wall.post({ text: "other" });
  for (const { id } of [...own, other]) await known(wall, id);
  await wall.evict();
  const sender = await known(wall, own[0]?.id ?? "");
  expect(sender).toMatch(/^\d{5}\.[A-Za-z0-9_-]{22}$/);
  expect(await sentBy(wall, sender)).toEqual(own.map(({ id }) => id));
  expect(await senderOf(wall, other.id)).not.toBe(sender);
  expect(await senderOf(wall, makeId(Date.now(), suffix(1)))).toBeNull();
  for (const nonsense of ["", "x", `${sender}x`, sender.replace(/^\d+/, "1; DROP TABLE head")])
    expect(await sentBy(wall, nonsense)).toEqual([]);
});

test("a sender is known once the notice arrives, before anything is written", async () => {
  const wall = newWall();
  await wall.status();
  await wall.inObject((_object, { storage }) => {
    const senders = new Senders(storage, new Operations());
    const ids = [1, 2].map((n) => makeId(Date.now(), suffix(n)));
    for (const id of ids) senders.note(id, ADDRESS);
    const sender = senders.senderOf(ids[1] ?? "");
    expect(sender).not.toBeNull();
    expect(senders.sentBy(sender ?? "").ids).toEqual(ids);
  });
});

test("the messages of a busy sender are returned in parts, each once", async () => {
  const wall = newWall();
  await wall.status();
  await wall.inObject((_object, { storage }) => {
    const senders = new Senders(storage, new Operations());
    const now = Date.now();
    const own = Array.from({ length: 600 }, (_, n) => makeId(now, suffix(n)));
    for (const id of own) {
      senders.note(id, ADDRESS);
      senders.keep(now);
    }
    const sender = senders.senderOf(own[0] ?? "") ?? "";
    const told: string[] = [];
    let parts = 0;
    for (let after: number | null = 0; after !== null; parts += 1) {
      const { ids, next } = senders.sentBy(sender, after);
      told.push(...ids);
      after = next;
    }
    expect(parts).toBeGreaterThan(1);
    expect(told).toEqual(own);
  });
});

test("no answer contains an address or hash, and no storage contains an address", async () => {
  const wall = newWall();
  const { id } = await wall.post({ text: "tell me" }, { address: ADDRESS });
  const sender = await known(wall, id);
  const hash = sender.slice(sender.indexOf(".") + 1);
  const answers = JSON.stringify([
    await wall.find(id),
    await wall.read(),
    await wall.pending(),
    await wall.history(makeId(Date.now() + 1_000, suffix(0))),
    await wall.status(),
  ]);
  expect(answers).toContain("tell me");
  const { keys } = await env.LEDGER_KV.list();
  const stored = await Promise.all(keys.map(({ name }) => env.LEDGER_KV.get(name)));
  for (const text of [answers, JSON.stringify([keys, stored])]) {
    expect(text).not.toContain(hash);
    expect(text).not.toContain(ADDRESS);
  }
  const rows = await wall.inObject((_object, { storage: { sql } }) =>
    sql
      .exec<{ name: string }>("SELECT name FROM sqlite_master WHERE type = 'table'")
      .toArray()
      .filter(({ name }) => !name.startsWith("_cf_"))
      .map(({ name }) => JSON.stringify(sql.exec(`SELECT * FROM ${name}`).toArray())),
  );
  expect(rows.join()).toContain(hash);
  expect(rows.join()).not.toContain(ADDRESS);
});

test("after a week, a day's hashes are deleted with the key that made them", async () => {
  const wall = newWall();
  await wall.status();
  await wall.inObject((_object, { storage }) => {
    const senders = () => new Senders(storage, new Operations());
    const today = Math.floor(Date.now() / DAY_MS) * DAY_MS;
    const idOn = (day: number, n = 0) => makeId(today + day * DAY_MS, suffix(n));
    const first = senders();
    first.note(idOn(0), ADDRESS);
    first.note(idOn(1), ADDRESS);
    first.keep(today);
    const [before, after] = [first.senderOf(idOn(0)), first.senderOf(idOn(1))];
    expect(before?.split(".")[1]).not.toBe(after?.split(".")[1]);

    const later = senders();
    later.keep(today + SENDER_DAYS * DAY_MS - 1);
    expect(later.sentBy(before ?? "").ids).toEqual([idOn(0)]);
    later.keep(today + SENDER_DAYS * DAY_MS);
    expect(later.senderOf(idOn(0))).toBeNull();
    expect(senders().senderOf(idOn(1))).toBe(after);
    const keys = storage.sql.exec("SELECT day FROM sender_keys").toArray();
    expect(keys).toEqual([{ day: today / DAY_MS + 1 }]);
    later.note(idOn(0), ADDRESS);
    expect(later.senderOf(idOn(0))).not.toBe(before);
  });
});

test("an idle wall also deletes a day's hashes", async () => {
  const wall = newWall();
  await wall.status();
  await wall.inObject(async (_object, { storage }) => {
    const weekAgo = Date.now() - SENDER_DAYS * DAY_MS;
    const senders = new Senders(storage, new Operations());
    senders.note(makeId(weekAgo, suffix(1)), ADDRESS);
    senders.keep(weekAgo);
    await storage.deleteAlarm();
  });
  await wall.evict();
  await wall.watch();
  const days = await wall.inObject((_object, { storage }) =>
    storage.sql.exec("SELECT day FROM sender_keys").toArray(),
  );
  expect(days).toEqual([]);
});

test.each([
  ["192.0.2.1", "192.0.2.1"],
  ["::ffff:192.0.2.1", "192.0.2.1"],
  ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2"],
  ["2001:db8::1", "2001:db8:0:0"],
  ["2001:0DB8:0:1::", "2001:db8:0:1"],
  ["::1", "0:0:0:0"],
  [undefined, "unknown"],
  ["", "unknown"],
  ["fe80::1%eth0", "unknown"],
])("the network of %s is %s", (address, network) => {
  expect(networkOf(address)).toBe(network);
});

test.each([
  ["2001:db8:1:2:3:4:5:6", "2001:db8:1"],
  ["192.0.2.1", null],
  ["::ffff:192.0.2.1", null],
  [undefined, null],
])("the site of %s is %s", (address, site) => {
  expect(siteOf(networkOf(address))).toBe(site);
});
