/** The drill: a wall is lost, and comes back from the segments in the bucket. */
import {
  createExecutionContext,
  createScheduledController,
  waitOnExecutionContext,
} from "cloudflare:test";
import { expect, test, vi } from "vitest";
import { LastBackup } from "#worker/backup/last-backup";
import { backUpWall } from "#worker/backup/of-wall";
import { stateKey } from "#worker/backup/state";
import worker from "#worker/index";
import { KvLedger } from "#worker/ledger/kv";
import { Operations } from "#worker/platform/operations";
import { importLines } from "../../../scripts/admin/import-lines.mjs";
import { env, expectValue, newWall, type Wall } from "../wall";
import { importInto } from "./exported";

const DAY_MS = 86_400_000;
const bucket = env.BACKUPS as R2Bucket;

/** The cron's step, some days from now. */
async function backUpAfter(wall: Wall, days = 0, ofBucket: R2Bucket = bucket) {
  const events: string[] = [];
  await backUpWall({
    wall: wall.name,
    bucket: ofBucket,
    clock: {
      now: () => Date.now() + days * DAY_MS,
      sleep: (ms, signal) => {
        const { promise, resolve } = Promise.withResolvers<void>();
        const timer = setTimeout(resolve, ms);
        signal?.addEventListener("abort", () => clearTimeout(timer));
        return promise;
      },
    },
    ledger: new KvLedger(env.LEDGER_KV, wall.name, new Operations()),
    writer: wall.writer,
    log: (event) => events.push(event),
  });
  return events;
}

/** All parts of a wall's segments, read as `npm run import` reads them, newest segment first. */
async function downloaded(wall: Wall) {
  const { objects } = await bucket.list({ prefix: `${wall.name}/` });
  const comments: { id: string; text: string }[] = [];
  const removed: string[] = [];
  const walls = new Set<string>();
  const names = objects.map(({ key }) => key).filter((key) => key.endsWith(".jsonl"));
  for (const name of names.sort().reverse()) {
    const stored = await bucket.get(name);
    for await (const line of importLines((stored as R2ObjectBody).body)) {
      if ("wrong" in line) throw new Error(`${name}, line ${line.number} ${line.wrong}`);
      if ("header" in line) walls.add(line.header.wall);
      else if ("removed" in line) removed.push(line.removed);
      else comments.push(line.comment as (typeof comments)[number]);
    }
  }
  return { comments, removed, walls: [...walls] };
}

test("a lost wall comes back from its segments, without the messages that were removed", async () => {
  const wall = newWall("drill");
  const kept = await wall.post({ text: "kept", nonce: "nonce-of-kept" });
  const marked = await wall.post({ text: "marked later" });
  const early = await wall.post({ text: "removed before the first segment" });
  const late = await wall.post({ text: "removed after the first segment" });
  await wall.remove(early.id);
  expect(await backUpAfter(wall)).toEqual(["backup written"]);
  expect((await downloaded(wall)).comments.map(({ text }) => text)).toContain(late.text);

  await wall.patch(marked.id);
  await wall.remove(late.id);
  const young = await wall.post({ text: "second day" });
  expect(await backUpAfter(wall, 1)).toEqual(["backup written"]);
  const lost = await wall.post({ text: "after the last segment" });

  const { comments, removed, walls } = await downloaded(wall);
  expect(walls).toEqual([wall.name]);
  expect(comments.map(({ text }) => text)).not.toContain(late.text);
  expect(new Set(removed)).toEqual(new Set([early.id, late.id]));

  while (expectValue(await wall.clear()).more);
  const counts = await importInto(wall, comments, removed);
  expect(counts).toMatchObject({ added: 3, remembered: 2 });
  const restored = await wall.newest();
  expect(restored.map(({ id, botParams }) => [id, botParams.processed]).sort()).toEqual([
    [kept.id, false],
    [marked.id, true],
    [young.id, false],
  ]);
  expect(await wall.find(lost.id)).toMatchObject({ ok: false });
  // A message that was sent again while the wall was away is still the same message.
  expect((await wall.post({ text: "kept", nonce: "nonce-of-kept" })).text).toBe("kept");
  await wall.rebuildTimes(1);
  expect((await wall.newest()).filter(({ text }) => text === "kept")).toHaveLength(1);

  // The backup of the restored wall begins again beside the old one, which stays whole.
  expect(await backUpAfter(wall, 2)).toEqual(["backup written"]);
  const after = await downloaded(wall);
  expect(new Set(after.comments.map(({ id }) => id))).toEqual(
    new Set([kept.id, marked.id, young.id]),
  );
  const { objects } = await bucket.list({ prefix: `${wall.name}/`, delimiter: "/" });
  expect(objects.map(({ key }) => key)).toEqual([stateKey(wall.name)]);
});

test("while the rebuilder is away nothing is written, and the next minute's step writes it", async () => {
  const wall = newWall("drill");
  const { id } = await wall.post({ text: "kept" });
  const away = {
    ...wall,
    writer: () => ({
      ...wall.writer(),
      removedSince: vi.fn().mockRejectedValue(new Error("away")),
    }),
  };
  expect(await backUpAfter(away as unknown as Wall)).toEqual(["backup failed"]);
  expect((await downloaded(wall)).comments).toEqual([]);
  expect(await backUpAfter(wall)).toEqual(["backup written"]);
  expect((await downloaded(wall)).comments.map((comment) => comment.id)).toEqual([id]);
});

test("the status tells when the last segment began", async () => {
  const wall = newWall("drill");
  await wall.post({ text: "kept" });
  const clock = { now: Date.now, sleep: () => new Promise<void>(() => {}) };
  const parts = { wall: wall.name, bucket, clock, log: () => {} };
  expect(await new LastBackup().at(parts)).toBeNull();
  const before = Date.now();
  await backUpAfter(wall);
  const at = await new LastBackup().at(parts);
  expect(at).toBeGreaterThanOrEqual(before);
  expect(at).toBeLessThanOrEqual(Date.now());
});

test("the cron writes backups with a bucket, and none without", async () => {
  const wall = newWall("drill");
  await wall.post({ text: "kept" });
  const cron = async (environment: object) => {
    const context = createExecutionContext();
    await worker.scheduled(createScheduledController(), environment as never);
    await waitOnExecutionContext(context);
  };
  const { BACKUPS: _, ...without } = { ...env, WALL: wall.name };
  await cron(without);
  expect((await bucket.list({ prefix: `${wall.name}/` })).objects).toEqual([]);
  await cron({ ...env, WALL: wall.name });
  expect((await downloaded(wall)).comments).toHaveLength(1);
});
