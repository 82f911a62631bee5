/** Walls of two branches on one Worker are separate and can be cleared separately. */
import { expect, test, vi } from "vitest";

import { clearWall } from "#worker/entrypoint/clear";
import { clearKeys } from "#worker/ledger/clear-keys";
import { wallOfBranch } from "../../../scripts/deploy/target.mjs";
import { ADMIN, BOT, env, NOBODY, newWall, type Wall } from "../wall";

const words = async (wall: Wall) => (await wall.newest()).map(({ text }) => text).sort();
const past = "9999999999999-zzzzzzzzzz";

async function keysOf(wall: Wall) {
  const { keys } = await env.LEDGER_KV.list({ prefix: `wall:${wall.name}:` });
  return keys.length;
}

test("messages, pending comments, removals, pauses and counts of one branch don't appear on the other", async () => {
  // Two branch names that become similar wall names.
  const one = newWall(wallOfBranch("feature/a"));
  const other = newWall(wallOfBranch("feature-a"));
  const mine = await one.post({ text: "mine", nonce: "the-same-nonce" });
  const theirs = await other.post({ text: "theirs", nonce: "the-same-nonce" });
  await one.rebuildTimes(1);
  await other.rebuildTimes(1);

  expect(await words(one)).toEqual(["mine"]);
  expect(await words(other)).toEqual(["theirs"]);
  // The entrypoint's answers may be a second old.
  await vi.waitFor(
    async () => expect((await one.read()).comments.map(({ id }) => id)).toEqual([mine.id]),
    { timeout: 5_000 },
  );
  expect((await other.history(past)).comments.map(({ id }) => id)).toEqual([theirs.id]);
  expect((await one.pending()).map(({ id }) => id)).toEqual([mine.id]);
  expect((await other.pending()).map(({ id }) => id)).toEqual([theirs.id]);
  expect(await one.status()).toMatchObject({ wall: one.name, window: { size: 1 } });

  await one.patch(mine.id);
  await one.remove(mine.id);
  await one.pause(true);
  expect(await words(one)).toEqual([]);
  expect(await words(other)).toEqual(["theirs"]);
  expect((await other.pending()).map(({ id }) => id)).toEqual([theirs.id]);
  expect(await other.moderation()).toEqual({ paused: false, audit: [] });
  expect(await other.tryRemove(mine.id)).not.toMatchObject({ ok: true });
  await other.post({ text: "not paused" });
});

test("clearing a branch deletes its last key and starts it empty, without affecting another branch", async () => {
  const gone = newWall("gone");
  const stays = newWall("stays");
  const before = await gone.post({ text: "before", nonce: "kept-for-a-day" });
  await gone.pause(true);
  await stays.post({ text: "stays" });
  await gone.rebuildTimes(1);
  expect(await keysOf(gone)).toBeGreaterThan(0);

  expect(await gone.clear()).toEqual({ ok: true, value: { more: false } });
  expect(await keysOf(gone)).toBe(0);
  expect(await gone.inObject((_object, state) => state.storage.getAlarm())).toBeNull();
  expect(await words(gone)).toEqual([]);
  expect(await gone.find(before.id)).not.toMatchObject({ ok: true });
  expect(await gone.moderation()).toEqual({ paused: false, audit: [] });
  expect(await words(stays)).toEqual(["stays"]);
});

test("only an admin can clear a wall, only where walls are previews, and never the main one", async () => {
  const wall = newWall();
  await wall.post({ text: "stays" });
  const refusals = [
    await wall.clear(NOBODY),
    await wall.clear({ token: "wrong" }),
    await wall.clear(BOT),
  ];
  expect(refusals.map((outcome) => !outcome.ok && outcome.problem.status)).toEqual([401, 401, 403]);

  const clear = vi.fn();
  const tokens = { bot: BOT.token, admin: ADMIN.token };
  const ask = (wall: string, clearable: boolean) =>
    clearWall({ wall, caller: ADMIN, tokens, clearable, log: () => {}, clear });
  expect(await ask("branch", false)).toMatchObject({ problem: { status: 403 } });
  expect(await ask("main", true)).toMatchObject({ problem: { status: 403 } });
  expect(clear).not.toHaveBeenCalled();
  await expect(clearKeys(env.LEDGER_KV, "main")).rejects.toThrow("can't be cleared");
  expect(await words(wall)).toEqual(["stays"]);
});
