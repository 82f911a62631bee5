/** Moderation while the disk refuses a statement: an action happens as a whole or not at all. */
import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { wallPrefix } from "#schema/id";
import { WINDOW_SIZE } from "#schema/limits";
import { systemClock } from "#worker/platform/clock";
import { Operations } from "#worker/platform/operations";
import { isScrubDue, scrub } from "#worker/writer/moderation/scrub";
import { Scrubber } from "#worker/writer/moderation/scrubber";
import { openTables } from "#worker/writer/tables";
import { eventually } from "../eventually";
import { CHANGES, failing, importOlder, REENTRIES, refusing, tablesWith } from "../refusing-disk";
import { ADMIN, ALICE, env, expectValue, NOBODY, newWall, type Wall } from "../wall";

const TEXT = "my address is 1 Example Street";
const SECRET = "the author's secret, which is long enough";
const REFUSED = { ok: false, problem: { status: 503 } };

const texts = async (wall: Wall) => (await wall.newest()).map(({ text }) => text);
const deeds = async (wall: Wall) => (await wall.moderation()).audit.map(({ deed }) => deed);

/** Posts the text, and waits until it is shown and its sender is known. */
async function post(wall: Wall): Promise<string> {
  const secretHash = createHash("sha256").update(SECRET).digest("base64url");
  const { id } = await wall.post({ text: TEXT, nonce: "nonce-of-text", secretHash });
  await eventually(async () => {
    expect((await texts(wall))[0]).toBe(TEXT);
    expect(await wall.previewRemoval(id)).toHaveProperty("sender");
  });
  return id;
}

test("a removal whose place in the window can't be filled is in the audit log and can be undone", async () => {
  const wall = newWall();
  await importOlder(wall, WINDOW_SIZE);
  const id = await post(wall);
  await refusing(wall, REENTRIES, () => wall.tryRemove(id));
  expect(await texts(wall)).not.toContain(TEXT);
  expect(await deeds(wall)).toEqual(["remove"]);
  await wall.undo();
  expect((await texts(wall))[0]).toBe(TEXT);
});

test.each([
  ["the place in the window can't be filled", REENTRIES],
  [
    "the progress can't be noted",
    ["INSERT ON takedowns WHEN instr(NEW.body, '\"removed\":0') = 0"],
  ],
])("a sender's removed text leaves the journal after a restart, if %s", async (_when, refused) => {
  const wall = newWall();
  await importOlder(wall, WINDOW_SIZE);
  const id = await post(wall);
  // On `sqlite` only a change of a message is in the journal.
  await wall.patch(id);
  await refusing(wall, refused, () => wall.removeSender(id));
  await wall.evict();
  await eventually(async () => {
    await wall.watch();
    expect((await wall.moderation()).removing).toBeUndefined();
  });
  expect(await texts(wall)).not.toContain(TEXT);
  expect(await tablesWith(wall, TEXT)).toEqual(["kept_messages"]);
});

test("a removal of a sender's messages that succeeds at the second attempt has one audit entry", async () => {
  const wall = newWall();
  const id = await post(wall);
  await refusing(wall, CHANGES, () => wall.removeSender(id));
  expect(await texts(wall)).toEqual([TEXT]);
  await wall.removeSender(id);
  expect(await texts(wall)).toEqual([]);
  expect(await deeds(wall)).toEqual(["remove_sender"]);
});

test("an admin with a name can act after a removal that the disk refused twice", async () => {
  const wall = newWall();
  const id = await post(wall);
  // The text for the undo, then the end of the audit entry.
  const refused = ["INSERT ON kept_removals", "DELETE ON audit_names"];
  expect(await refusing(wall, refused, () => wall.tryRemove(id, {}, ALICE))).toMatchObject(REFUSED);
  expect(await wall.tryRemove(id, {}, ALICE)).toMatchObject({ ok: true });
  expect((await wall.moderation()).audit[0]).toMatchObject({ deed: "remove", by: "alice" });
});

test.each([
  ["its audit entry", "INSERT ON audit"],
  ["the note of its publication", "INSERT ON published"],
])(
  "a pause that the disk refuses at %s is noted and published once it is repeated",
  async (_part, refused) => {
    const wall = newWall();
    await post(wall);
    const published = async () =>
      JSON.parse((await env.LEDGER_KV.get(`${wallPrefix(wall.name)}recent:comments`)) ?? "{}");
    await eventually(async () => {
      await wall.rebuildTimes(1);
      expect((await published()).window).toHaveLength(1);
    });
    const paused = await refusing(wall, [refused], () => wall.tryPause({ paused: true }));
    expect(paused).toMatchObject(REFUSED);
    await wall.evict();
    expect((await wall.moderation()).paused).toBe(false);
    await wall.pause(true);
    expect(await deeds(wall)).toEqual(["pause"]);
    await eventually(async () => {
      await wall.rebuildTimes(1);
      expect((await published()).paused).toBe(true);
    });
  },
);

test.each([
  ["an admin", ADMIN, {}],
  ["its author", NOBODY, { secret: SECRET }],
] as const)(
  "a message that %s removes after an undo that the disk interrupted stays removed",
  async (_who, caller, body) => {
    const wall = newWall();
    const id = await post(wall);
    await wall.remove(id);
    await refusing(wall, ["DELETE ON kept_messages"], wall.undo);
    expect(await texts(wall)).toEqual([TEXT]);
    expect(await wall.tryRemove(id, body, caller)).toMatchObject({ ok: true });
    await eventually(async () => {
      await wall.watch();
      const { undo = [] } = await wall.moderation();
      expect(undo.filter(({ isUndoing }) => isUndoing)).toEqual([]);
    });
    expect(await texts(wall)).toEqual([]);
  },
);

test("an undo that the disk refuses to note does not begin, and its repetition is in the audit log", async () => {
  const wall = newWall();
  await wall.remove(await post(wall));
  const { undo = [] } = await wall.moderation();
  const undone = () => wall.tryUndo(undo[0]?.id ?? 0);
  expect(await refusing(wall, ["INSERT ON audit"], undone)).toMatchObject(REFUSED);
  expect((await wall.moderation()).undo).toEqual(undo);
  expect(await undone()).toMatchObject({ value: { done: true } });
  expect(await texts(wall)).toEqual([TEXT]);
  expect(await deeds(wall)).toEqual(["undo", "remove"]);
});

test("a block that the disk refuses is not in the audit log", async () => {
  const wall = newWall();
  const id = await post(wall);
  const blocked = await refusing(wall, ["INSERT ON blocks"], () => wall.block(id));
  expect(blocked).toMatchObject(REFUSED);
  const { audit, blocks } = await wall.moderation();
  expect({ audit, blocks }).toEqual({ audit: [] });
});

test("the end of a block that the disk refuses to note is in the audit log once it is repeated", async () => {
  const wall = newWall();
  const block = expectValue(await wall.block(await post(wall)));
  const unblocked = await refusing(wall, ["INSERT ON audit"], () => wall.unblock(block.id));
  expect(unblocked).toMatchObject(REFUSED);
  expect((await wall.moderation()).blocks).toEqual([block]);
  await wall.unblock(block.id);
  expect(await deeds(wall)).toEqual(["unblock", "block"]);
});

test("reports whose dismissal the disk refuses to note stay, and the repetition is in the audit log", async () => {
  const wall = newWall();
  const id = await post(wall);
  await wall.report(id, {}, NOBODY);
  const dismissed = await refusing(wall, ["INSERT ON audit"], () => wall.dismiss(id));
  expect(dismissed).toMatchObject(REFUSED);
  expect(await wall.reported()).toHaveLength(1);
  await wall.dismiss(id);
  expect(await wall.reported()).toEqual([]);
  expect(await deeds(wall)).toEqual(["dismiss"]);
});

test("a removal is followed by a scrub, though the disk refused to note that of an earlier one", async () => {
  await newWall().inObject(async (_object, { storage }) => {
    let isFull = true;
    const full = failing(storage, (query) => isFull && query.includes("scrub_due"));
    const clock = { now: Date.now, sleep: async () => {} };
    const scrubber = new Scrubber(full, { clock, log: () => () => {} });
    expect(() => scrubber.scrubSoon("main")).toThrow("disk I/O error");
    isFull = false;
    scrubber.scrubSoon("main");
    expect(isScrubDue(storage)).toBe(true);
    await eventually(() => expect(isScrubDue(storage)).toBe(false));
  });
});

test("a scrub leaves the tables' indexes in place", async () => {
  await newWall().inObject(async (_object, { storage }) => {
    openTables(storage, new Operations(), systemClock);
    const indexes = () =>
      storage.sql
        .exec("SELECT sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL")
        .toArray();
    const before = indexes();
    expect(before).not.toEqual([]);
    await scrub(storage);
    expect(indexes()).toEqual(before);
  });
});
