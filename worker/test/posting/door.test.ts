/** The single writer checks its input itself and doesn't rely on the entrypoint. */
import { expect, test } from "vitest";
import type { StoredComment } from "#schema/comment";
import { callsTo } from "#worker/contract/writer-calls";
import { openWriter } from "../open-writer";
import { commentAt, env, newWall, onKv, suffix } from "../wall";

const LONG = "x".repeat(900_000);
const REFUSED = "invalid argument of a call to the single writer";
const comment = (fields: Partial<StoredComment> = {}) => ({
  ...commentAt(Date.now() - 1_000, 1),
  ...fields,
});

test.each([
  ["a long text", { text: LONG }],
  ["a long name", { username: LONG }],
  ["a long entity", { botParams: { entity: LONG } }],
  ["an unknown field", { other: LONG } as Partial<StoredComment>],
  ["a timestamp that differs from its id's", { timestamp: 5 }],
  ["an invalid id", { id: "x" }],
  ["an invalid text", { text: 7 as unknown as string }],
])("a comment with %s is rejected by every method", async (_name, fields) => {
  const wall = newWall();
  const bad = comment(fields);
  await wall.inObject(async (object) => {
    const writer = callsTo(object, { wall: wall.name });
    await expect(writer.notice(bad)).rejects.toThrow(REFUSED);
    await expect(writer.accept(bad)).rejects.toThrow(REFUSED);
    await expect(writer.append(bad)).rejects.toThrow(REFUSED);
    await expect(writer.import([comment(), bad])).rejects.toThrow(REFUSED);
  });
  expect(await wall.newest()).toEqual([]);
});

test("the longest valid message is accepted", async () => {
  const wall = newWall();
  const text = "\u{1f600}".repeat(1_000);
  const { id } = await wall.post({
    text,
    nonce: "n".repeat(64),
    botParams: { entity: text.slice(0, 128) },
  });
  expect(await wall.find(id)).toMatchObject({ ok: true, value: { text } });
});

test("calls with invalid arguments are rejected", async () => {
  const wall = newWall();
  const { id } = await wall.post({ text: "Hello" });
  await wall.inObject(async (object) => {
    const writer = callsTo(object, { wall: wall.name });
    await expect(writer.find("x")).rejects.toThrow(REFUSED);
    await expect(writer.patch(id, "yes" as never)).rejects.toThrow(REFUSED);
    await expect(writer.claim(id, LONG, 30)).rejects.toThrow(REFUSED);
    await expect(writer.claim(id, "ada", 1e9)).rejects.toThrow(REFUSED);
    await expect(writer.claim(id, "ada", 30, LONG)).rejects.toThrow(REFUSED);
    await expect(writer.pending({ pending: true, limit: 1 }, LONG)).rejects.toThrow(REFUSED);
    await expect(writer.release(id, LONG)).rejects.toThrow(REFUSED);
    await expect(writer.remove(id, LONG)).rejects.toThrow(REFUSED);
    await expect(writer.pause(true, LONG)).rejects.toThrow(REFUSED);
    await expect(writer.notice(comment(), LONG)).rejects.toThrow(REFUSED);
  });
  expect(await wall.find(id)).toMatchObject({ ok: true });
});

onKv("a key with an oversized comment is skipped and counted, and stops nothing", async () => {
  const wall = newWall();
  const timestamp = Date.now() - 1_000;
  for (const n of [1, 2, 3]) await wall.store({ timestamp, suffix: suffix(n), text: LONG });
  const { id } = await wall.store({ timestamp, suffix: suffix(4) });
  await wall.inObject(async (_object, state) => {
    const lines: Record<string, unknown>[] = [];
    const log = (_event: string, fields = {}) => void lines.push(fields);
    const rebuilder = openWriter(wall, state, { now: Date.now, log });
    await rebuilder.rebuild();
    expect((await rebuilder.sync()).window?.map((shown) => shown.id)).toEqual([id]);
    expect(lines.at(-1)).toMatchObject({ skipped: 3 });
  });
});

onKv("a flag is rejected for a retry while too many others wait for their keys", async () => {
  const wall = newWall();
  const kv = { ...env.LEDGER_KV, put: () => new Promise<void>(() => {}) };
  await wall.inObject(async (_object, state) => {
    const now = Date.now();
    const bound =
      (name: "get" | "list") =>
      (...args: never[]) =>
        (env.LEDGER_KV[name] as (...args: never[]) => unknown)(...args);
    const stuck = { ...kv, get: bound("get"), list: bound("list") } as never;
    const rebuilder = openWriter(wall, state, { now: () => now, kv: stuck });
    const comments = Array.from({ length: 3_001 }, (_, n) => commentAt(now - 10_000 + n, n));
    for (const each of comments) rebuilder.notice(each);
    void rebuilder.rebuild();
    const states = new Map<string, number>();
    for (const { id } of comments) {
      const { state: outcome } = await rebuilder.patch(id, true);
      states.set(outcome, (states.get(outcome) ?? 0) + 1);
    }
    expect(Object.fromEntries(states)).toEqual({ found: 3_000, busy: 1 });
    // Acknowledged flags are kept, and removals by an admin are always accepted.
    const last = comments.at(-1)?.id ?? "";
    expect(await rebuilder.remove(last)).toEqual({ state: "removed" });
  });
});
