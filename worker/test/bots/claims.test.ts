/** Exactly one of any number of bots gets a comment, through restarts of the object. */
import { expect, test, vi } from "vitest";
import { makeId } from "#schema/id";
import { newIsolate } from "../isolate";
import { openWriter } from "../open-writer";
import { ADMIN, BOT, commentAt, expectValue, LEDGER, NOBODY, newWall, onKv, suffix } from "../wall";

const CONFLICT = { ok: false, problem: { status: 409, code: "conflict" } };

/** Claims use the same code on both ledgers, so sqlite needs fewer runs. */
const CONTESTS = LEDGER === "kv" ? 100 : 20;

test(`when 50 bots claim one comment at once, exactly one gets it, ${CONTESTS} times`, async () => {
  const wall = newWall();
  const isolates = Array.from({ length: 5 }, () => newIsolate(wall));
  for (let time = 0; time < CONTESTS; time += 1) {
    const { id } = await wall.store({ timestamp: Date.now(), suffix: suffix(time) });
    const outcomes = await Promise.all(
      Array.from({ length: 50 }, (_, n) => {
        const { service } = isolates[n % 5] as (typeof isolates)[number];
        return service.claim(BOT, id, { bot: `bot-${n}`, seconds: 30 });
      }),
    );
    expect(outcomes.filter(({ ok }) => ok)).toHaveLength(1);
    for (const refused of outcomes.filter(({ ok }) => !ok)) expect(refused).toMatchObject(CONFLICT);
  }
}, 60_000);

test("a claim survives an eviction, and its bot can extend it", async () => {
  const wall = newWall();
  const { id } = await wall.post({ text: "Hello" });
  const { botParams: first } = expectValue(await wall.claim(id, "ada", 30));
  expect(first).toMatchObject({ processed: false, claimedBy: "ada" });
  await wall.evict();
  expect(await wall.claim(id, "bob")).toMatchObject(CONFLICT);
  expect(await wall.find(id)).toMatchObject({ value: { botParams: { claimedBy: "ada" } } });
  const { botParams: second } = expectValue(await wall.claim(id, "ada", 60));
  expect(second.claimedUntil).toBeGreaterThan(first.claimedUntil ?? 0);
  expect(expectValue(await wall.claim(id, "ada", 5)).botParams.claimedUntil).toBe(
    second.claimedUntil,
  );
});

test("an expired claim frees its comment, also after a restart", async () => {
  const wall = newWall();
  await wall.inObject(async (_object, state) => {
    let now = Date.now();
    const open = () => openWriter(wall, state, { now: () => now });
    const rebuilder = open();
    const comment = commentAt(now, 1);
    rebuilder.notice(comment);
    const pending = async (of = rebuilder) =>
      (await of.pending({ pending: true, limit: 500 })).comments.map(({ id }) => id);
    expect(await pending()).toEqual([comment.id]);
    await rebuilder.claim(comment.id, "ada", 5);
    expect(await pending()).toEqual([]);
    expect((await rebuilder.status()).pending.size).toBe(0);
    now += 4_999;
    expect(await rebuilder.claim(comment.id, "bob", 5)).toEqual({ state: "taken" });
    now += 1;
    expect(await pending()).toEqual([comment.id]);
    expect(await pending(open())).toEqual([comment.id]);
    expect(await rebuilder.claim(comment.id, "bob", 5)).toMatchObject({ state: "found" });
    expect(await open().claim(comment.id, "ada", 5)).toEqual({ state: "taken" });
  });
});

test("a processed comment can't be claimed, and its claim ends", async () => {
  const wall = newWall();
  const { id } = await wall.post({ text: "Hello" });
  await wall.claim(id, "ada");
  await wall.patch(id);
  for (const bot of ["ada", "bob"]) expect(await wall.claim(id, bot)).toMatchObject(CONFLICT);
  await wall.patch(id, false);
  expect(await wall.pending()).toMatchObject([{ id }]);
  expect(expectValue(await wall.claim(id, "bob")).botParams.claimedBy).toBe("bob");
});

test("only the claim's holder can release it; then the comment is pending again", async () => {
  const wall = newWall();
  const { id } = await wall.post({ text: "Hello" });
  await wall.claim(id, "ada");
  expect(await wall.release(id, "bob")).toMatchObject(CONFLICT);
  expect(await wall.pending()).toEqual([]);
  expectValue(await wall.release(id, "ada"));
  expect(await wall.pending()).toMatchObject([{ id }]);
  expect((await wall.pending())[0]?.botParams).toEqual({ processed: false });
  expectValue(await wall.release(id, "ada"));
  await wall.evict();
  expectValue(await wall.claim(id, "bob"));
});

onKv("a claim ends when its comment is merged into an earlier copy", async () => {
  const wall = newWall();
  const start = Date.now() - 5_000;
  const twins = { suffix: suffix(9), nonce: "nonce-of-twins" };
  const later = await wall.store({ ...twins, timestamp: start + 40 });
  await wall.status();
  await wall.claim(later.id, "ada");
  const first = await wall.store({ ...twins, timestamp: start });
  await wall.inObject((object) => object.alarm());
  for (const id of [first.id, later.id])
    expect(await wall.claim(id, "bob")).toMatchObject(CONFLICT);
  expect(expectValue(await wall.claim(later.id, "ada")).id).toBe(first.id);
});

onKv(
  "a merge that the disk refuses halfway changes nothing, and the wall opens again",
  async () => {
    const wall = newWall();
    const start = Date.now() - 5_000;
    const twins = { suffix: suffix(9), nonce: "nonce-of-twins" };
    const later = await wall.store({ ...twins, timestamp: start + 40 });
    await wall.status();
    expectValue(await wall.claim(later.id, "ada"));
    const first = await wall.store({ ...twins, timestamp: start });
    // It comes after the merge in the same row of the journal.
    const other = await wall.store({ suffix: suffix(8), timestamp: start + 1_000 });
    const disk = (change: string) =>
      wall.inObject((_object, { storage }) => void storage.sql.exec(change));
    // The merge ends the claim.
    await disk(
      "CREATE TRIGGER full BEFORE DELETE ON claims BEGIN SELECT RAISE(ABORT, 'full'); END",
    );
    await wall.inObject((object) => object.alarm());
    await disk("DROP TRIGGER full");
    await wall.inObject((object) => object.alarm());
    await wall.evict();
    const { window } = JSON.parse(await wall.writer().sync());
    expect(window.map(({ id }: { id: string }) => id)).toEqual([other.id, first.id]);
    expect(await wall.claim(first.id, "bob")).toMatchObject(CONFLICT);
  },
);

test("a claim moves no cursor and appears in no read", async () => {
  const wall = newWall();
  const { id } = await wall.post({ text: "Hello" });
  await vi.waitFor(async () => expect((await wall.read()).comments).toHaveLength(1), 5_000);
  const { cursor } = await wall.read();
  await wall.claim(id, "ada");
  const { sequence, window } = JSON.parse(await wall.writer().sync());
  expect(cursor.endsWith(`.${sequence}`)).toBe(true);
  expect(window[0].botParams).toEqual({ processed: false });
});

test("an unknown id returns 503 while it is recent, and 404 later", async () => {
  const wall = newWall();
  const young = makeId(Date.now(), suffix(1));
  const old = makeId(Date.now() - 11 * 60_000, suffix(1));
  for (const deed of [wall.claim, wall.release]) {
    expect(await deed(young, "ada")).toMatchObject({
      problem: { status: 503 },
      retryAfterSeconds: 1,
    });
    expect(await deed(old, "ada")).toMatchObject({ problem: { status: 404 } });
  }
});

test.each([
  ["no token", NOBODY, 401],
  ["a wrong token", { token: "not-a-token-that-anyone-has" }, 401],
  ["the admin's token", ADMIN, 403],
])("a claim with %s is rejected", async (_name, caller, status) => {
  const wall = newWall();
  const { id } = await wall.post({ text: "Hello" });
  expect(await wall.tryClaim(id, { bot: "ada", seconds: 30 }, caller)).toMatchObject({
    problem: { status },
  });
});

test("an invalid claim is rejected with a pointer for each field", async () => {
  const wall = newWall();
  const { id } = await wall.post({ text: "Hello" });
  for (const [body, pointers] of [
    [{}, ["/bot", "/seconds"]],
    [{ bot: "", seconds: 4 }, ["/bot", "/seconds"]],
    [{ bot: "x".repeat(65), seconds: 301 }, ["/bot", "/seconds"]],
    [{ bot: "ada", seconds: 5.5, until: 1 }, ["/seconds", "/until"]],
  ] as const) {
    const refused = await wall.tryClaim(id, body, BOT);
    const named = refused.ok ? [] : refused.problem.errors?.map(({ pointer }) => pointer);
    expect(named?.sort()).toEqual(pointers);
  }
});

test("without the rebuilder, claims and pending comments return 503", async () => {
  const wall = newWall();
  const { id } = await wall.post({ text: "Hello" });
  const isolate = newIsolate(wall);
  isolate.away = true;
  const { service } = isolate;
  for (const refused of [
    await service.claim(BOT, id, { bot: "ada", seconds: 30 }),
    await service.release(BOT, id, { bot: "ada" }),
    await service.pending({ pending: true, limit: 500 }),
    await service.post(BOT, { text: "Hi", type: "bot", nonce: "nonce-of-a-bot" }),
  ])
    expect(refused).toMatchObject({ ok: false, problem: { status: 503 }, retryAfterSeconds: 1 });
});
