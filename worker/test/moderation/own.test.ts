/** Authors take their own messages down with a secret, within 10 minutes. */
import { createHash } from "node:crypto";
import { expect, test, vi } from "vitest";
import { makeId, suffixOf } from "#schema/id";
import { OWN_REMOVAL_MS, POSTS_PER_PERIOD } from "#schema/limits";
import { success } from "#schema/problem";
import { allowed } from "../allowed";
import { openWriter } from "../open-writer";
import { ADMIN, BOT, LEDGER, NOBODY, newWall, onKv, somebody, suffix, type Wall } from "../wall";

const TEXT = "my own address is 1 Example Street";
const SECRET = "a-secret-of-43-characters-that-nobody-sees-";
const SETTLED = { timeout: 10_000, interval: 100 };

const hashOf = (secret: string) => createHash("sha256").update(secret).digest("base64url");
const secretHash = hashOf(SECRET);

const takeDown = (
  wall: Wall,
  id: string,
  body: unknown = { secret: SECRET },
  caller = somebody(),
) => wall.tryRemove(id, body, caller);

/** Everything in the object's storage, as one text. */
const everythingStored = (wall: Wall) =>
  wall.inObject((_object, { storage }) =>
    storage.sql
      .exec<{ name: string }>("SELECT name FROM sqlite_master WHERE type = 'table'")
      .toArray()
      .filter(({ name }) => !name.startsWith("_cf_") && !name.startsWith("sqlite_"))
      .map(({ name }) => JSON.stringify(storage.sql.exec(`SELECT * FROM "${name}"`).toArray()))
      .join(),
  );

test("an author takes a message down: it is gone from every answer, row and key, and repeating it is fine", async () => {
  const wall = newWall();
  const { cursor } = await wall.read();
  const { id } = await wall.post({ text: TEXT, nonce: "own-down-1", secretHash });
  expect(await takeDown(wall, id)).toEqual({ ok: true, value: null });
  expect(await takeDown(wall, id)).toEqual({ ok: true, value: null });
  expect(await wall.newest()).toEqual([]);
  expect(await wall.pending()).toEqual([]);
  expect(await wall.find(id)).toMatchObject({ problem: { status: 404 } });
  expect((await wall.history(makeId(Date.now() + 1_000, suffix(0)))).comments).toEqual([]);
  await vi.waitFor(
    async () => expect(await wall.read({ since: cursor })).toMatchObject({ removed: [id] }),
    SETTLED,
  );
  await vi.waitFor(async () => {
    await wall.rebuildTimes(1);
    expect(await wall.stored(id)).toEqual({ id, removed: true, sequence: expect.any(Number) });
  }, SETTLED);
  const stored = await everythingStored(wall);
  expect(stored).not.toContain(TEXT);
  expect(stored).not.toContain(secretHash);
  await wall.evict();
  await wall.rebuildTimes(1);
  expect(await wall.newest()).toEqual([]);
});

test("a wrong secret, or a message without a hash, is refused and stays", async () => {
  const wall = newWall();
  const own = await wall.post({ text: "with a hash", secretHash });
  const plain = await wall.post({ text: "without one" });
  const refused = { problem: { status: 403, code: "forbidden" } };
  for (const secret of ["another", secretHash, `${SECRET} `, ""])
    expect(await takeDown(wall, own.id, { secret })).toMatchObject(
      secret === "" ? { problem: { status: 400 } } : refused,
    );
  expect(await takeDown(wall, plain.id)).toMatchObject(refused);
  expect(await wall.newest()).toHaveLength(2);
});

test("the author of a copy sent later under the same nonce can't take the message down", async () => {
  const wall = newWall();
  const first = await wall.post({ text: "the first", nonce: "own-copy-1", secretHash });
  await vi.waitFor(async () => expect(await wall.newest()).toHaveLength(1), SETTLED);
  const foreign = hashOf("a stranger's");
  const copy = await wall.post({ text: "mine", nonce: "own-copy-1", secretHash: foreign });
  await wall.rebuildTimes(1);
  for (const id of [first.id, copy.id])
    expect(await takeDown(wall, id, { secret: "a stranger's" })).toMatchObject({
      problem: { status: 403 },
    });
  expect(await wall.newest()).toHaveLength(1);
});

test("after 10 minutes the message stays, whatever the secret", async () => {
  const wall = newWall();
  const { id, timestamp } = await wall.post({ text: "late", secretHash });
  await wall.newest();
  await wall.inObject(async (_object, state) => {
    let now = timestamp + OWN_REMOVAL_MS + 1;
    const writer = openWriter(wall, state, { now: () => now });
    await writer.rebuild();
    expect(await writer.removeOwn(id, SECRET)).toEqual({ state: "late" });
    expect(await writer.removeOwn(id, "wrong")).toEqual({ state: "wrong" });
    now = timestamp + OWN_REMOVAL_MS;
    expect(await writer.removeOwn(id, SECRET)).toEqual({ state: "removed" });
  });
});

test("an id that is new may still come, an old or invalid one does not exist", async () => {
  const wall = newWall();
  expect(await takeDown(wall, makeId(Date.now(), suffix(1)))).toMatchObject({
    problem: { status: 503 },
    retryAfterSeconds: 1,
  });
  for (const id of [makeId(Date.now() - 86_400_000, suffix(1)), "nonsense"])
    expect(await takeDown(wall, id)).toMatchObject({ problem: { status: 404 } });
});

test("the body decides between an author and an admin", async () => {
  const wall = newWall();
  const { id } = await wall.post({ text: "whose", secretHash });
  expect(await takeDown(wall, id, {}, NOBODY)).toMatchObject({ problem: { status: 401 } });
  expect(await takeDown(wall, id, null, NOBODY)).toMatchObject({ problem: { status: 401 } });
  expect(await takeDown(wall, id, { secret: SECRET, reason: "x" })).toMatchObject({
    problem: { status: 400, errors: [{ pointer: "/reason" }] },
  });
  expect(await takeDown(wall, id, { secret: 5 })).toMatchObject({
    problem: { status: 400, errors: [{ pointer: "/secret" }] },
  });
  expect(await takeDown(wall, id, { secret: SECRET }, BOT)).toMatchObject({
    problem: { status: 403 },
  });
  expect(await takeDown(wall, id, { secret: SECRET }, ADMIN)).toMatchObject({
    problem: { status: 400 },
  });
  expect(await wall.newest()).toHaveLength(1);
});

test("secrets can't be tried without limit: attempts count like posts", async () => {
  const wall = newWall();
  const { id } = await wall.post({ text: "guess", secretHash });
  const { count } = await allowed(somebody, async (client, n) => {
    const outcome = await takeDown(wall, id, { secret: `guess ${n}` }, client);
    return outcome.ok || outcome.problem.status !== 429 ? success(null) : outcome;
  });
  expect(count).toBe(POSTS_PER_PERIOD);
});

test("no answer shows the hash, and the admins' log does not name the removal", async () => {
  const wall = newWall();
  const nonce = "own-hidden-1";
  const draft = { text: "hidden hash", nonce, secretHash };
  const answers: unknown[] = [await wall.tryPost(draft), await wall.tryPost(draft)];
  const bots = { text: "a bot's", nonce: "own-hidden-2", type: "bot", secretHash };
  answers.push(await wall.tryPost(bots, BOT), await wall.tryPost(bots, BOT));
  const [{ id } = { id: "" }] = (await wall.newest()).filter(({ type }) => type === "human");
  answers.push(await wall.newest(), await wall.read(), await wall.pending(), await wall.find(id));
  answers.push(await wall.claim(id, "a bot"), await wall.release(id, "a bot"));
  answers.push(await wall.patch(id), await wall.patch(id));
  answers.push(await wall.history(makeId(Date.now() + 1_000, suffix(0))));
  const [store = ""] = (await wall.read()).cursor.split(".");
  answers.push(await wall.writer().sync({ store, sequence: 0 }));
  await wall.evict();
  answers.push(await wall.newest(), await wall.find(id));
  await takeDown(wall, id);
  answers.push(await wall.tryPost(draft), await wall.moderation());
  const told = JSON.stringify(answers);
  expect(told).toContain("hidden hash");
  expect(told).not.toContain("secretHash");
  expect(told).not.toContain(secretHash);
  expect((await wall.moderation()).audit).toEqual([]);
});

onKv.each([-5_000, 5_000])(
  "a copy of the nonce found %i ms apart does not bring the message back",
  async (apart) => {
    const wall = newWall();
    const nonce = "own-copy-2";
    const { id, timestamp } = await wall.post({ text: TEXT, nonce, secretHash });
    await vi.waitFor(async () => expect(await wall.newest()).toHaveLength(1), SETTLED);
    expect(await takeDown(wall, id)).toMatchObject({ ok: true });
    const copy = await wall.store({
      timestamp: timestamp + apart,
      suffix: suffixOf(id),
      nonce,
      text: TEXT,
    });
    await wall.rebuildTimes(1);
    expect(await wall.newest()).toEqual([]);
    expect(await wall.find(copy.id)).toMatchObject({ problem: { status: 404 } });
  },
);

onKv(
  "a message is taken down by its key alone, before its notice or after memory forgot it",
  async () => {
    const wall = newWall();
    const { id } = await wall.store({
      timestamp: Date.now() - 5_000,
      suffix: suffix(7),
      text: TEXT,
      secretHash,
    });
    expect(await takeDown(wall, id)).toMatchObject({ ok: true });
    await wall.rebuildTimes(1);
    expect(await wall.newest()).toEqual([]);
  },
);

test.runIf(LEDGER === "sqlite")(
  "the hash is in the message's row, and survives a restart",
  async () => {
    const wall = newWall();
    const { id } = await wall.post({ text: TEXT, secretHash });
    expect(await wall.stored(id)).toMatchObject({ secretHash });
    await wall.evict();
    expect(await takeDown(wall, id)).toMatchObject({ ok: true });
  },
);
