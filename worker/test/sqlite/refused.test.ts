/** Rows of the SQLite ledger while the disk refuses a statement. */
import { expect, test } from "vitest";
import { makeId, wallPrefix } from "#schema/id";
import { WINDOW_SIZE } from "#schema/limits";
import { MessageJournal } from "#worker/journal/message-journal";
import { SqliteMessages } from "#worker/ledger/sqlite-messages";
import { systemClock } from "#worker/platform/clock";
import { Operations } from "#worker/platform/operations";
import { openTables } from "#worker/writer/tables";
import { eventually } from "../eventually";
import { openWriter } from "../open-writer";
import { allow, failing, importOlder, REENTRIES, refuse, refusing } from "../refusing-disk";
import { commentAt, env, newWall, suffix } from "../wall";

test("the sender of a posted message is known, though the disk refused the day's first key", async () => {
  const wall = newWall();
  await wall.status();
  const post = () => wall.post({ text: "spam" });
  const { id } = await refusing(wall, ["INSERT ON sender_keys"], post);
  expect(await wall.removeSender(id)).toMatchObject({ ok: true, value: { removed: 1 } });
});

test("a removal is published soon, though its place in the window can't be filled", async () => {
  const wall = newWall();
  await importOlder(wall, WINDOW_SIZE);
  const { id } = await wall.post({ text: "my address" });
  const published = () => env.LEDGER_KV.get(`${wallPrefix(wall.name)}recent:comments`);
  const alarm = () => wall.inObject((_object, { storage }) => storage.getAlarm());
  // Nothing is due any more that would publish the removal by chance.
  await eventually(async () =>
    expect([await alarm(), await published()]).toEqual([null, expect.stringContaining(id)]),
  );
  await refusing(wall, REENTRIES, () => wall.tryRemove(id));
  await eventually(async () => expect(await published()).not.toContain("my address"));
}, 40_000);

test("a read that fails after a removal lets no other change use the removal's sequence", async () => {
  const wall = newWall();
  await wall.inObject(async (_object, state) => {
    let isRemoving = false;
    const storage = failing(
      state.storage,
      (query, isInTransaction) => isRemoving && !isInTransaction && query.includes("FROM head"),
    );
    const open = () => openWriter(wall, { storage } as DurableObjectState, { now: Date.now });
    const writer = open();
    const [gone = "", stays = ""] = [
      (await writer.append(commentAt(0, 1)))?.comment?.id,
      (await writer.append(commentAt(0, 2)))?.comment?.id,
    ];
    isRemoving = true;
    await writer.remove(gone).catch(() => {});
    isRemoving = false;
    await writer.patch(stays, true);
    for (const each of [writer, open()])
      expect((await each.sync()).window).toMatchObject([
        { id: stays, botParams: { processed: true } },
      ]);
  });
});

test("after a rollback of a message from a clock that ran ahead, the next start reads every message", async () => {
  await newWall().inObject((_object, { storage }) => {
    const open = () => {
      const { journal, messages } = openTables(storage, new Operations(), systemClock);
      return { messages, journal: new MessageJournal(journal, messages) };
    };
    const now = Date.now();
    const born = (at: number, n: number) => ({
      kind: "changes" as const,
      rebuiltAt: now,
      changes: [{ record: { ...commentAt(at, n), sequence: n }, born: true as const }],
    });
    const { journal } = open();
    journal.create({ wall: "main", store: "teststor", birth: 0, ledger: "sqlite" });
    journal.append(born(now, 1));
    const rolledBack = () =>
      journal.atOnce(() => {
        journal.append(born(now + 3_600_000, 2));
        throw new Error("disk is full");
      });
    expect(rolledBack).toThrow("disk is full");
    const nothing = { comments: [], marks: [], unwritten: [] };
    journal.rotate([{ kind: "checkpoint", sequence: 1, ...nothing }], []);
    // The clock was set right meanwhile.
    open().journal.append(born(now + 1_000, 2));
    const rows = open()
      .journal.read()
      .flatMap((generation) => [...generation]);
    const ids = rows.flatMap((row) =>
      row.kind === "changes" ? row.changes.map(({ record }) => record.id) : [],
    );
    expect(ids).toContain(makeId(now + 1_000, suffix(2)));
  });
});

test("a volume that the disk refuses to drop stays readable until a later message drops it", async () => {
  await newWall().inObject((_object, { storage }) => {
    const limits = { changes: 3, bytes: 1 };
    const messages = new SqliteMessages(storage, new Operations(), limits);
    const start = Date.now();
    const ids = Array.from({ length: 7 }, (_, n) => makeId(start + n, suffix(n)));
    const row = { body: '{"text":"x"}', changed: null, processed: null };
    const insert = (n: number) =>
      storage.transactionSync(() => messages.insert({ id: ids[n] ?? "", sequence: n, ...row }));
    const expectShown = (wanted: string[]) => {
      for (const store of [messages, new SqliteMessages(storage, new Operations(), limits)])
        expect(store.behind(makeId(start + 100, suffix(0)), 100).map(({ id }) => id)).toEqual(
          wanted.toReversed(),
        );
    };
    // Two full volumes: the next message begins a third, which drops the first.
    for (let n = 0; n < 6; n += 1) insert(n);
    refuse(storage, ["INSERT ON dropped"]);
    expect(() => insert(6)).toThrow("disk is full");
    expect(messages.get(ids[0] ?? "")).not.toBeNull();
    // As the journal does after a rollback.
    messages.reread();
    expectShown(ids.slice(0, 6));
    allow(storage);
    insert(6);
    expectShown(ids.slice(3));
  });
});
